#include "waiting_fixture.hpp"

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

namespace {

using Done = store::WaitingSettlement::Done;

/// Three sacks, so that tallies have somewhere to go.
struct Settling : Waiting {
    Settling() {
        plan(3);
        for (const auto& sack : list_sacks(store, run.id, 3)) sacks.push_back(sack.id);
    }
    engine::Tally tally(std::size_t ordinal) { return list_sacks(store, run.id, 3).at(ordinal).tally; }

    std::vector<store::SackId> sacks;
};

}  // namespace

TEST_CASE_FIXTURE(Settling, "what is done leaves the queue and is counted for its sack") {
    wait(1, 0ms, sacks[0]);
    wait(11, 0ms, sacks[1]);
    wait(12, 0ms, sacks[1]);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 3);
    CHECK(store.settle_waiting(run.id, std::vector{done(claimed[2], Done::skipped), done(claimed[0]), done(claimed[1])})
              .empty());
    CHECK(store.totals(run.id).waiting == 0);
    CHECK(tally(0) == engine::Tally{1, 0, 0});
    CHECK(tally(1) == engine::Tally{1, 1, 0});
    CHECK(tally(2) == engine::Tally{});
    CHECK(store.find_run(run.id)->last_progress_at.size() == 20);
    CHECK_FALSE(process.session.in_transaction());
    CHECK(store.settle_waiting(run.id, {}).empty());
}

TEST_CASE_FIXTURE(Settling, "what is to be tried again waits anew, for anyone, with the attempts that were given") {
    wait(1, 0ms, sacks[0]);
    wait(2, 0ms, sacks[0]);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 2);
    auto uncounted = again(claimed[1]);
    std::get<engine::Retry>(uncounted.outcome).attempts = 1;
    CHECK(store.settle_waiting(run.id, std::vector{again(claimed[0], 1h), uncounted}).empty());
    CHECK(tally(0) == engine::Tally{});
    CHECK(seconds_left(claimed[0].id) > 3500);
    CHECK(cell(claimed[0].id, "token") == "");
    CHECK(cell(claimed[0].id, "worker_id") == "");
    CHECK(cell(claimed[0].id, "attempts") == "2");
    const auto next = claim(join());
    REQUIRE(next.size() == 1);
    CHECK(next[0].key == key(2));
    CHECK(next[0].attempts == 2);
    CHECK(next[0].last_class == "503");
    CHECK(next[0].reason == "not yet");
    CHECK(next[0].first_at == claimed[1].first_at);
}

TEST_CASE_FIXTURE(Settling,
                  "what has failed becomes a dead letter that tells when it first failed, and its sack counts it") {
    wait(1, 0ms, sacks[0]);
    schema.execute("UPDATE " + table("waiting") + " SET first_at = '2024-02-29 01:02:03.456789'");
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 1);
    CHECK(store.settle_waiting(run.id, std::vector{dead(claimed[0])}).empty());
    CHECK(store.totals(run.id).waiting == 0);
    CHECK(tally(0) == engine::Tally{0, 0, 1});
    REQUIRE(letters().size() == 1);
    const auto letter = letters()[0];
    CHECK(letter.sack == sacks[0]);
    CHECK(letter.key == key(1));
    CHECK(letter.attempts == 2);
    CHECK(letter.error_class == "500");
    CHECK(letter.reason == "broken");
    CHECK(letter.first_at == "2024-02-29T01:02:03Z");
    CHECK(letter.last_at > letter.first_at);
    CHECK(schema.scalar("SELECT first_at FROM " + table("dead_letters")) == "2024-02-29 01:02:03.456789");
}

TEST_CASE_FIXTURE(Settling,
                  "a late answer under an old token changes nothing and is reported, the others are settled") {
    for (int i = 1; i <= 3; ++i) wait(i, 0ms, sacks[0]);
    const auto late = claim(join(0ms), 3, 0ms);
    REQUIRE(late.size() == 3);
    Peer other{schema};
    const auto taken = other.store.claim_waiting(run.id, join(), 2, 1min);
    REQUIRE(taken.size() == 2);

    const auto stale = store.settle_waiting(run.id, std::vector{dead(late[0]), done(late[2]), again(late[1])});
    CHECK(stale == std::vector<store::WaitingId>{late[0].id, late[1].id});
    CHECK(tally(0) == engine::Tally{1, 0, 0});
    CHECK(letters().empty());
    for (const auto& item : taken) {
        CHECK(cell(item.id, "token") == item.token);
        CHECK(cell(item.id, "attempts") == "3");
        CHECK(cell(item.id, "error_class") == "timeout");
        CHECK(seconds_left(item.id) > 50);
    }
    CHECK(other.store.settle_waiting(run.id, std::vector{done(taken[0]), done(taken[1])}).empty());
    CHECK(store.settle_waiting(run.id, std::vector{done(late[0])}) == std::vector<store::WaitingId>{late[0].id});
    CHECK(tally(0) == engine::Tally{3, 0, 0});
}

TEST_CASE_FIXTURE(Settling, "a worker that was declared gone settles nothing any more") {
    wait(1, 0ms, sacks[0]);
    const auto worker = join();
    const auto claimed = claim(worker);
    Peer other{schema};
    other.store.declare_gone(worker);
    CHECK(store.settle_waiting(run.id, std::vector{done(claimed.at(0))}).size() == 1);
    CHECK(tally(0) == engine::Tally{});
    CHECK(claim(join()).at(0).attempts == 3);
}

TEST_CASE_FIXTURE(Settling, "settling twice counts once, as when the answer to COMMIT was lost") {
    wait(1, 0ms, sacks[0]);
    wait(2, 0ms, sacks[0]);
    wait(3, 0ms, sacks[0]);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 3);
    const std::vector settlements{done(claimed[0]), again(claimed[1]), dead(claimed[2])};
    CHECK(store.settle_waiting(run.id, settlements).empty());
    CHECK(store.settle_waiting(run.id, settlements).size() == 3);
    CHECK(tally(0) == engine::Tally{1, 0, 1});
    CHECK(letters().size() == 1);
    CHECK(store.totals(run.id).waiting == 1);
}

TEST_CASE_FIXTURE(Settling, "an item that is settled twice in one call is settled once") {
    wait(1, 0ms, sacks[0]);
    const auto item = claim(join()).at(0);
    CHECK(store.settle_waiting(run.id, std::vector{done(item), dead(item)}).size() == 1);
    CHECK(tally(0) == engine::Tally{1, 0, 0});
    CHECK(letters().empty());
}

TEST_CASE_FIXTURE(Settling, "a settlement inside a transaction goes with it") {
    wait(1, 0ms, sacks[0]);
    wait(2, 0ms, sacks[0]);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 2);
    process.session.execute("START TRANSACTION");
    CHECK(store.settle_waiting_inside(run.id, std::vector{done(claimed[0]), dead(claimed[1])}).empty());
    CHECK(process.session.in_transaction());
    process.session.execute("ROLLBACK");
    CHECK(tally(0) == engine::Tally{});
    CHECK(letters().empty());
    CHECK(store.settle_waiting(run.id, std::vector{done(claimed[0]), dead(claimed[1])}).empty());
}

TEST_CASE_FIXTURE(Settling, "a settlement that fails half-way leaves nothing") {
    wait(1, 0ms, sacks[0]);
    wait(2, 0ms, sacks[0]);
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 2);
    auto impossible = dead(claimed[1]);
    std::get<engine::DeadLetter>(impossible.outcome).key = {Value::text(std::string(5000, 'x'))};
    process.session.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    CHECK(error_of([&] { store.settle_waiting(run.id, std::vector{done(claimed[0]), impossible}); }));
    CHECK_FALSE(process.session.in_transaction());
    CHECK(store.totals(run.id).waiting == 2);
    CHECK(tally(0) == engine::Tally{});
}

TEST_CASE_FIXTURE(Settling,
                  "a claim does not wait for a settlement that is still pending, and does not get its items") {
    wait(1, 0ms, sacks[0]);
    wait(2, 0ms, sacks[0]);
    const auto claimed = claim(join(0ms), 1, 0ms);  // a lease that runs out while it is settled
    REQUIRE(claimed.size() == 1);
    process.session.execute("START TRANSACTION");
    CHECK(store.settle_waiting_inside(run.id, std::vector{done(claimed[0])}).empty());
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    const auto next = other.store.claim_waiting(run.id, join(), 10, 1min);
    REQUIRE(next.size() == 1);
    CHECK(next[0].key == key(2));
    process.session.execute("COMMIT");
    CHECK(tally(0) == engine::Tally{1, 0, 0});
}

TEST_CASE_FIXTURE(Settling, "a settlement waits for no other, however few items the table has") {
    for (int i = 1; i <= 4; ++i) wait(i, 0ms, sacks[0]);
    const auto mine = claim(join(), 2), theirs = claim(join(), 2);
    process.session.execute("START TRANSACTION");
    CHECK(store.settle_waiting_inside(run.id, std::vector{again(mine.at(0)), dead(mine.at(1))}).empty());
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    auto elsewhere = done(theirs.at(0));
    elsewhere.sack = sacks[1];
    CHECK(other.store.settle_waiting(run.id, std::vector{elsewhere, again(theirs.at(1))}).empty());
    process.session.execute("COMMIT");
}

TEST_CASE_FIXTURE(Settling, "a list of items is found by the primary key, however few items the table has") {
    for (int i = 1; i <= 4; ++i) wait(i, 0ms, sacks[0]);
    const std::vector<std::uint64_t> ids{1, 2, 3, 4};
    for (const std::string& list :
         {statement("delete_waiting", {{"ids", ids}}), statement("lock_waiting", {{"ids", ids}}),
          statement("return_waiting", {{"ids", ids}}),
          statement("renew_waiting", {{"ids", ids}, {"tokens", std::vector{Value::text("t")}}, {"lease", 1U}}),
          statement("take_waiting", {{"ids", ids}, {"token", Value::text("t")}, {"worker", 1U}, {"lease", 1U}})}) {
        CAPTURE(list);
        const auto plan = process.session.query("EXPLAIN FORMAT=TRADITIONAL " + list);
        const std::size_t last = plan.rows.size() - 1;
        CHECK(plan.text(last, plan.find("key").value()) == "PRIMARY");
        CHECK(plan.text(last, plan.find("type").value()) == (plan.rows.size() == 1 ? "range" : "eq_ref"));
    }
}

TEST_CASE_FIXTURE(Settling, "a settlement does not disturb the checkpoints of its sack") {
    const auto sack = store.claim_sack(run.id, join()).value();
    wait(1, 0ms, sack.id);
    const auto claimed = claim(join());
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(3), .tally = {2, 0, 0}});
    CHECK(store.settle_waiting(run.id, std::vector{done(claimed.at(0))}).empty());
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 1, .low = key(5), .tally = {2, 0, 0}});
    CHECK(tally(0) == engine::Tally{5, 0, 0});
}

TEST_CASE_FIXTURE(Settling, "a thousand settled items take few statements") {
    store.add_waiting(run.id, sacks[0], std::vector<engine::Retry>(1000, {key(1), 1, 0ms, "timeout", "slow"}));
    std::vector<store::WaitingSettlement> settlements;
    const auto worker = join();
    for (auto claimed = claim(worker, 1000); !claimed.empty(); claimed = claim(worker, 1000)) {
        for (const auto& item : claimed) settlements.push_back(done(item));
    }
    REQUIRE(settlements.size() == 1000);
    const auto questions = [&] {
        return std::stoul(process.session.query("SHOW SESSION STATUS LIKE 'Questions'").text(0, 1));
    };
    const auto before = questions();
    CHECK(store.settle_waiting(run.id, settlements).empty());
    CHECK(questions() - before < 20);
    CHECK(tally(0).succeeded == 1000);
}
