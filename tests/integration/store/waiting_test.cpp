#include "waiting_fixture.hpp"

#include "store/statements.hpp"

#include <set>
#include <thread>

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Waiting, "an item that waits comes back with its key, its attempts and its last error") {
    const Key odd{Value::bytes(std::string{"\0\xff'\\", 4}), Value::text("🎒")};
    store.add_waiting(run.id, 7, std::vector<engine::Retry>{{odd, 3, 0ms, "exit 75", "naïve 🎒 'later'"}});
    const auto worker = join();
    const auto claimed = store.claim_waiting(run.id, worker, 10, 1min);
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].sack == 7);
    CHECK(claimed[0].key == odd);
    CHECK(claimed[0].attempts == 4);  // this one included
    CHECK(claimed[0].last_class == "exit 75");
    CHECK(claimed[0].reason == "naïve 🎒 'later'");
    CHECK(claimed[0].first_at.size() == 20);
    CHECK(claimed[0].token.size() == 32);
    CHECK(cell(claimed[0].id, "attempts") == "4");
    CHECK(cell(claimed[0].id, "worker_id") == std::to_string(worker));
    CHECK_FALSE(process.session.in_transaction());
}

TEST_CASE_FIXTURE(Waiting, "a reason is cut at four kilobytes, a class at its column's length") {
    store.add_waiting(run.id, 1,
                      std::vector<engine::Retry>{{key(1), 1, 0ms, std::string(300, 'c'), std::string(9000, 'r')}});
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].reason.size() <= 4096);
    CHECK(claimed[0].reason.size() > 4080);
    CHECK(claimed[0].last_class.size() <= 190);
}

TEST_CASE_FIXTURE(Waiting, "items are claimed when their delay has passed, the longest due first") {
    wait(1, 1h);
    wait(2);
    wait(3);
    make_due(3, "5 SECOND");
    const auto claimed = claim(join());
    REQUIRE(claimed.size() == 2);
    CHECK(claimed[0].key == key(3));
    CHECK(claimed[1].key == key(2));
    CHECK(claim(join()).empty());
    CHECK(store.totals(run.id).waiting == 3);
}

TEST_CASE_FIXTURE(Waiting, "no more are claimed than were asked for, nor those of another run") {
    for (int i = 0; i < 5; ++i) wait(i);
    const auto other = store.create_run(new_run("other"));
    CHECK(store.claim_waiting(other.id, join(), 10, 1min).empty());
    CHECK(claim(join(), 0).empty());
    CHECK(claim(join(), 2).size() == 2);
    CHECK(claim(join(), 2).size() == 2);
    CHECK(claim(join(), 2).size() == 1);
}

TEST_CASE_FIXTURE(Waiting, "it is known how long until the next one is due") {
    CHECK_FALSE(store.next_waiting(run.id));
    wait(1, 1h);
    CHECK(store.next_waiting(run.id).value() > 59min);
    CHECK(store.next_waiting(run.id).value() <= 1h);
    wait(2);
    CHECK(store.next_waiting(run.id) == 0ms);
    REQUIRE(claim(join(), 10, 5min).size() == 1);
    CHECK(store.next_waiting(run.id).value() > 4min);  // the end of the lease
    CHECK(store.next_waiting(run.id).value() <= 5min);
}

TEST_CASE_FIXTURE(Waiting,
                  "after a crash between claim and settlement another worker takes the item, its attempts counted") {
    wait(1);
    const auto lost = claim(join(0ms), 10, 0ms);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].attempts == 2);
    Peer other{schema};
    const auto taken = other.store.claim_waiting(run.id, join(), 10, 1min);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].id == lost[0].id);
    CHECK(taken[0].attempts == 3);
    CHECK(taken[0].token != lost[0].token);
}

TEST_CASE_FIXTURE(Waiting, "a claim that was not committed counts no attempt") {
    wait(1);
    {
        Peer crashing{schema};
        crashing.session.execute("START TRANSACTION");
        crashing.session.query(statement("due_waiting", {{"run", run.id}, {"most", 10U}}));
        crashing.session.execute(statement("take_waiting", {{"ids", std::vector<std::uint64_t>{1}},
                                                            {"token", Value::text("t")},
                                                            {"worker", 1U},
                                                            {"lease", 1000000U}}));
    }
    CHECK(claim_eventually(join()).at(0).attempts == 2);
}

TEST_CASE_FIXTURE(Waiting,
                  "what a worker holds is due at once when it leaves or is declared gone, and nothing else is") {
    wait(1);
    const auto leaving = join(), dead = join(), staying = join();
    REQUIRE(claim(leaving).size() == 1);
    wait(2);
    REQUIRE(claim(dead).size() == 1);
    wait(3);
    REQUIRE(claim(staying).size() == 1);
    wait(4, 1h);
    CHECK(claim(staying).empty());

    store.leave(leaving);
    const auto left = claim(staying);
    REQUIRE(left.size() == 1);
    CHECK(left[0].key == key(1));
    CHECK(left[0].attempts == 3);

    store.declare_gone(dead);
    const auto orphaned = claim(staying);
    REQUIRE(orphaned.size() == 1);
    CHECK(orphaned[0].key == key(2));
    CHECK(orphaned[0].attempts == 3);
    CHECK(claim(staying).empty());
}

TEST_CASE_FIXTURE(Waiting, "declaring a worker gone does not wait for its settlement that is still pending") {
    wait(1);
    wait(2);
    const auto dead = join();
    const auto claimed = claim(dead);
    REQUIRE(claimed.size() == 2);
    process.session.execute("START TRANSACTION");
    CHECK(store.settle_waiting_inside(run.id, std::vector{done(claimed[0])}).empty());
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    other.store.declare_gone(dead);
    const auto taken = other.store.claim_waiting(run.id, join(), 10, 1min);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].id == claimed[1].id);
    process.session.execute("COMMIT");
    CHECK(store.totals(run.id).waiting == 1);
}

TEST_CASE_FIXTURE(Waiting, "a worker that holds more than one list of ids may name gives them all back") {
    store.add_waiting(run.id, 1, std::vector<engine::Retry>(1300, {key(1), 1, 0ms, "timeout", "slow"}));
    const auto worker = join();
    std::size_t held = 0;
    for (auto claimed = claim(worker, 10000); !claimed.empty(); claimed = claim(worker, 10000)) held += claimed.size();
    CHECK(held == 1300);
    store.leave(worker);
    CHECK(schema.scalar("SELECT COUNT(*) FROM " + table("waiting") +
                        " WHERE token IS NULL AND worker_id IS NULL AND due_at "
                        "<= UTC_TIMESTAMP(6)") == "1300");
}

TEST_CASE_FIXTURE(Waiting, "a lease that is renewed lasts on, one that was lost does not come back") {
    wait(1);
    wait(2);
    const auto worker = join();
    const auto claimed = claim(worker, 10, 0ms);
    REQUIRE(claimed.size() == 2);
    REQUIRE(claim(join(), 1, 1min).at(0).id == claimed[0].id);  // its lease had run out
    store.renew_waiting(
        std::vector<store::WaitingClaim>{{claimed[0].id, claimed[0].token}, {claimed[1].id, claimed[1].token}}, 1h);
    CHECK(claim(join()).empty());
    CHECK(seconds_left(claimed[0].id) <= 60);
    CHECK(seconds_left(claimed[1].id) > 3500);
    store.renew_waiting({}, 1h);
}

TEST_CASE_FIXTURE(Waiting, "which claims still are ours is told by their tokens") {
    for (int i = 1; i <= 4; ++i) wait(i);
    const auto claimed = claim(join(), 4, 0ms);
    REQUIRE(claimed.size() == 4);
    REQUIRE(claim(join(), 1).at(0).id == claimed[0].id);  // its lease had run out
    CHECK(store.settle_waiting(run.id, std::vector{done(claimed[1]), again(claimed[2])}).empty());
    std::vector<store::WaitingClaim> claims;
    for (const auto& item : claimed) claims.push_back({item.id, item.token});
    CHECK(store.lock_waiting(claims) == std::vector<store::WaitingId>{claimed[3].id});
    CHECK(store.lock_waiting({}).empty());
}

TEST_CASE_FIXTURE(Waiting, "whether claims still are ours waits for the transaction that is pending on them") {
    wait(1);
    const auto claimed = claim(join());
    const std::vector<store::WaitingClaim> claims{{claimed.at(0).id, claimed.at(0).token}};
    process.session.execute("START TRANSACTION");
    CHECK(store.settle_waiting_inside(run.id, std::vector{done(claimed[0])}).empty());
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    CHECK(kind_of([&] { other.store.lock_waiting(claims); }) == ErrorKind::replay);
    process.session.execute("COMMIT");
    CHECK(other.store.lock_waiting(claims).empty());
}

TEST_CASE_FIXTURE(Waiting, "a claim neither blocks nor starves another, nor an insert of what is to wait") {
    for (int i = 1; i <= 6; ++i) wait(i);
    process.session.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    process.session.execute("START TRANSACTION");
    const auto held = process.session.query(statement("due_waiting", {{"run", run.id}, {"most", 2U}}));
    REQUIRE(held.rows.size() == 2);

    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    const auto taken = other.store.claim_waiting(run.id, join(), 3, 1min);
    REQUIRE(taken.size() == 3);
    CHECK(taken[0].key == key(3));
    other.store.add_waiting(run.id, 1, std::vector<engine::Retry>{{key(7), 1, 0ms, "timeout", "slow"}});
    other.store.add_waiting(run.id, 1, std::vector<engine::Retry>{{key(8), 1, 1h, "timeout", "slow"}});
    CHECK(other.store.claim_waiting(run.id, join(), 10, 1min).size() == 2);
    CHECK(other.store.settle_waiting(run.id, std::vector{done(taken[0])}).empty());
    process.session.execute("ROLLBACK");
    CHECK(claim(join()).size() == 2);
}

TEST_CASE_FIXTURE(Waiting, "a claim that has everything due in hand does not keep others from what is due later") {
    wait(1);
    wait(2, 1h);
    process.session.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    process.session.execute("START TRANSACTION");
    REQUIRE(process.session.query(statement("due_waiting", {{"run", run.id}, {"most", 10U}})).rows.size() == 1);
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    other.store.add_waiting(run.id, 1, std::vector<engine::Retry>{{key(3), 1, 30min, "timeout", "slow"}});
    CHECK(other.store.next_waiting(run.id) == 0ms);
    CHECK(other.store.claim_waiting(run.id, join(), 10, 1min).empty());
    process.session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(Waiting,
                  "the claim reads its own index in order, without sorting; so does the look at the next one") {
    store.add_waiting(run.id, 1, std::vector<engine::Retry>(300, {key(1), 1, 0ms, "timeout", "slow"}));
    schema.execute("ANALYZE TABLE " + table("waiting"));
    for (const std::string& query :
         {statement("due_waiting", {{"run", run.id}, {"most", 10U}}), statement("next_waiting", {{"run", run.id}})}) {
        CAPTURE(query);
        const auto plan = process.session.query("EXPLAIN FORMAT=TRADITIONAL " + query);
        REQUIRE(plan.rows.size() == 1);
        CHECK(plan.text(0, plan.find("key").value()) == "due");
        CHECK(plan.text(0, plan.find("Extra").value()).find("filesort") == std::string::npos);
    }
}

TEST_CASE_FIXTURE(Waiting, "sessions that claim and settle at the same time settle each item once") {
    plan(1);
    const auto sack = list_sacks(store, run.id, 1).at(0).id;
    store.add_waiting(run.id, sack, std::vector<engine::Retry>(2000, {key(1), 1, 0ms, "timeout", "slow"}));
    const auto worker = join();
    std::atomic<std::size_t> settled{0};
    std::atomic<int> failed{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                const db::ThreadScope scope;
                try {
                    Peer other{schema};
                    for (;;) {
                        const auto claimed = other.store.claim_waiting(run.id, worker, 37, 1min);
                        if (claimed.empty()) return;
                        std::vector<store::WaitingSettlement> settlements;
                        for (const auto& item : claimed) settlements.push_back(done(item));
                        if (other.store.settle_waiting(run.id, settlements).empty()) settled += claimed.size();
                    }
                } catch (const std::exception&) {
                    ++failed;
                }
            });
        }
    }
    CHECK(failed == 0);
    CHECK(settled == 2000);
    CHECK(store.totals(run.id).tally.succeeded == 2000);
    CHECK(store.totals(run.id).waiting == 0);
}
