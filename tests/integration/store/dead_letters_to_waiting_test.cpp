#include "waiting_fixture.hpp"

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

namespace {

/// A sack with five failures, three of class 1062 (ids 0, 2, 4) and two of "exit 1".
struct Failed : Waiting {
    Failed() {
        plan(2);
        const auto worker = join();
        first = store.claim_sack(run.id, worker).value();
        second = store.claim_sack(run.id, worker).value();
        fail(first, 5);
    }
    void fail(const store::SackRecord& sack, std::size_t count) {
        store::Checkpoint checkpoint{
            .sack = sack.id, .fence = sack.fence, .seq = 0, .low = sack.upto, .completes = true};
        checkpoint.tally = {2, 0, count};
        for (std::size_t i = 0; i < count; ++i) {
            checkpoint.dead_letters.push_back(
                {key(static_cast<std::int64_t>(i)), 5, i % 2 == 0 ? "1062" : "exit 1", "reason " + std::to_string(i)});
        }
        REQUIRE(store.checkpoint_all(std::vector{checkpoint}).empty());
    }
    engine::Tally tally(std::size_t ordinal) { return list_sacks(store, run.id, 3).at(ordinal).tally; }

    store::SackRecord first, second;
};

}  // namespace

TEST_CASE_FIXTURE(Failed, "dead letters wait again with no attempt used, due at once, and are no failures any more") {
    schema.execute("UPDATE " + table("dead_letters") + " SET first_at = '2024-02-29 01:02:03.456789'");
    CHECK(store.dead_letters_to_waiting(run.id, "", {}) == 5);
    CHECK(letters().empty());
    CHECK(tally(0) == engine::Tally{2, 0, 0});
    CHECK(store.totals(run.id).waiting == 5);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(claimed[i].sack == first.id);
        CHECK(claimed[i].key == key(static_cast<std::int64_t>(i)));
        CHECK(claimed[i].attempts == 1);
        CHECK(claimed[i].reason == "reason " + std::to_string(i));
        CHECK(claimed[i].first_at == "2024-02-29T01:02:03Z");
    }
    CHECK(claimed[1].last_class.empty());
    CHECK(store.dead_letters_to_waiting(run.id, "", {}) == 0);
    CHECK_FALSE(process.session.in_transaction());
}

TEST_CASE_FIXTURE(Failed, "one class of dead letters is moved, and no other") {
    CHECK(store.dead_letters_to_waiting(run.id, "no such class", {}) == 0);
    CHECK(store.dead_letters_to_waiting(run.id, "1062", {}) == 3);
    REQUIRE(letters().size() == 2);
    CHECK(letters()[0].error_class == "exit 1");
    CHECK(tally(0) == engine::Tally{2, 0, 2});
    CHECK(claim(join()).size() == 3);
}

TEST_CASE_FIXTURE(Failed, "dead letters are moved by their keys, whatever bytes they hold") {
    const Key odd{Value::bytes(std::string{"\0\xff'\\", 4}), Value::text("🎒")};
    store.add_dead_letters(run.id, first.id, std::vector<engine::DeadLetter>{{odd, 1, "1062", "duplicate"}});
    CHECK(store.dead_letters_to_waiting(run.id, "", std::vector<Key>{odd, key(3), key(77)}) == 2);
    CHECK(letters().size() == 4);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 2);
    CHECK(claimed[0].key == key(3));
    CHECK(claimed[1].key == odd);
    CHECK(store.dead_letters_to_waiting(run.id, "1062", std::vector<Key>{key(1), key(2)}) == 1);
}

TEST_CASE_FIXTURE(Failed, "another run's dead letters stay where they are") {
    const auto other = store.create_run(new_run("other"));
    store.add_dead_letters(other.id, 9, std::vector<engine::DeadLetter>{{key(1), 1, "1062", "duplicate"}});
    CHECK(store.dead_letters_to_waiting(run.id, "1062", {}) == 3);
    CHECK(store.totals(other.id).dead_letters == 1);
    CHECK(store.totals(other.id).waiting == 0);
}

TEST_CASE_FIXTURE(Failed, "more dead letters than one transaction takes are moved, each sack's failures follow") {
    fail(second, 1234);
    CHECK(store.dead_letters_to_waiting(run.id, "", {}) == 1239);
    CHECK(tally(0).failed == 0);
    CHECK(tally(1).failed == 0);
    CHECK(store.totals(run.id).waiting == 1239);
    CHECK(store.totals(run.id).dead_letters == 0);
}

TEST_CASE_FIXTURE(Failed, "a move that was cut off is finished by the next call, and nothing is moved twice") {
    fail(second, 1234);
    // The second transaction fails: as if the process had died after the first.
    schema.execute("CREATE TRIGGER " + table("stop") + " BEFORE INSERT ON " + table("waiting") +
                   " FOR EACH ROW IF NEW.sack_id = " + std::to_string(second.id) + " AND (SELECT COUNT(*) FROM " +
                   table("waiting") + ") > 600 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cut off'; END IF");
    CHECK(error_of([&] { store.dead_letters_to_waiting(run.id, "", {}); }));
    const auto moved = store.totals(run.id).waiting;
    CHECK(moved == 500);
    CHECK(store.totals(run.id).dead_letters == 1239 - moved);
    CHECK(store.totals(run.id).tally.failed == 1239 - moved);
    schema.execute("DROP TRIGGER " + table("stop"));
    CHECK(store.dead_letters_to_waiting(run.id, "", {}) == 1239 - moved);
    CHECK(store.totals(run.id).waiting == 1239);
    CHECK(store.totals(run.id).tally.failed == 0);
}

TEST_CASE_FIXTURE(Failed, "of two processes that move the same dead letters, the second waits and moves nothing") {
    process.session.execute("START TRANSACTION");
    const auto ids = process.session.query("SELECT GROUP_CONCAT(id) FROM " + table("dead_letters")).text(0, 0);
    process.session.execute("DELETE FROM " + table("dead_letters") + " WHERE id IN (" + ids + ")");
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    CHECK(kind_of([&] { other.store.dead_letters_to_waiting(run.id, "", {}); }) == ErrorKind::replay);
    process.session.execute("COMMIT");
    CHECK(other.store.dead_letters_to_waiting(run.id, "", {}) == 0);
    CHECK(store.totals(run.id).waiting == 0);
}

TEST_CASE_FIXTURE(Failed, "the search for a class goes through its index, that for all through the run's") {
    fail(second, 1234);
    schema.execute("ANALYZE TABLE " + table("dead_letters"));
    for (const auto& [name, index] :
         {std::pair{"dead_letters_to_retry", "of_run"}, std::pair{"dead_letters_to_retry_of_class", "by_class"}}) {
        const auto plan = process.session.query("EXPLAIN FORMAT=TRADITIONAL " +
                                                statement(name, {{"run", run.id},
                                                                 {"error_class", Value::text("exit 1")},
                                                                 {"any_key", true},
                                                                 {"keys", std::vector<Value>(1)},
                                                                 {"after", 600U}}));
        REQUIRE(plan.rows.size() == 1);
        CHECK(plan.text(0, plan.find("key").value()) == index);
        CHECK(plan.text(0, plan.find("Extra").value()).find("filesort") == std::string::npos);
    }
}

TEST_CASE_FIXTURE(Failed, "a run that was closed before its dead letters were moved goes on with them") {
    store.take_up_run(run.id);
    const auto retrying = join(), idle = join();
    CHECK(store.end_work(run.id, idle, "succeeded", "").state == "succeeded");
    CHECK(store.dead_letters_to_waiting(run.id, "", {}) == 5);
    CHECK(store.find_run(run.id)->state == "running");
    CHECK(store.unfinished_run(run.identity)->id == run.id);
    CHECK(claim(retrying).size() == 5);
}

TEST_CASE_FIXTURE(Failed, "nobody closes a run that something waits in") {
    store.take_up_run(run.id);
    const auto retrying = join(), idle = join();
    CHECK(store.dead_letters_to_waiting(run.id, "1062", {}) == 3);
    CHECK(store.end_work(run.id, idle, "succeeded", "").state == "running");
    schema.execute("DELETE FROM " + table("workers") + " WHERE id <> " + std::to_string(retrying));
    CHECK(store.end_work(run.id, retrying, "succeeded", "").state == "interrupted");
}

TEST_CASE_FIXTURE(Failed, "the dead letters of a run that has failed or was cancelled meanwhile stay what they are") {
    for (const char* state : {"failed", "cancelled"}) {
        CAPTURE(state);
        store.set_state(run.id, state, "");
        try {
            store.dead_letters_to_waiting(run.id, "", {});
            FAIL("they were moved");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::refused);
        }
        CHECK(letters().size() == 5);
        CHECK(store.totals(run.id).waiting == 0);
    }
}

TEST_CASE_FIXTURE(Failed, "a run that was closed does not go on where another one of its job is unfinished") {
    store.set_state(run.id, "succeeded", "");
    const auto other = store.create_run(new_run("identity"));
    REQUIRE(other.identity == run.identity);
    CHECK_THROWS_AS(store.dead_letters_to_waiting(run.id, "", {}), Error);
    CHECK(letters().size() == 5);
    CHECK(store.find_run(run.id)->state == "succeeded");
}
