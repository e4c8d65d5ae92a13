#include "fixture.hpp"

#include "store/statements.hpp"
#include "store/transaction.hpp"

#include <algorithm>
#include <set>
#include <thread>

using namespace rowmill;
using namespace rowmill::store_test;

TEST_CASE_FIXTURE(Fixture, "sacks come back in reading order with the keys they were planned with") {
    const Key odd{Value::bytes(std::string{"\0'\\\xff", 4}), Value::text("🎒 ")};
    store.add_sacks(run.id, std::vector<store::NewSack>{{{}, odd, 5, true}}, {}, odd, false);
    store.add_sacks(run.id, std::vector<store::NewSack>{{odd, {}, 6, false}}, odd, {}, true);

    const auto sacks = list_sacks(store, run.id, 10);
    REQUIRE(sacks.size() == 2);
    CHECK(sacks[0].ordinal == 0);
    CHECK(sacks[0].after.empty());
    CHECK(sacks[0].upto == odd);
    CHECK(sacks[0].rows == 5);
    CHECK(sacks[0].rows_exact);
    CHECK(sacks[1].ordinal == 1);
    CHECK(sacks[1].after == odd);
    CHECK(sacks[1].low == odd);
    CHECK(sacks[1].upto.empty());
    CHECK(sacks[1].above.empty());
    CHECK_FALSE(sacks[1].rows_exact);
    CHECK(list_sacks(store, run.id, 1).size() == 1);
    CHECK(store.find_run(run.id)->walk_done);
}

TEST_CASE_FIXTURE(Fixture, "a glance at the sacks of a run tells how far each is") {
    plan(4);
    const store::WorkerId worker = join();
    for (const bool completes : {true, false}) {
        const auto sack = store.claim_sack(run.id, worker);
        store::Transaction transaction{store.session()};
        store.checkpoint({.sack = sack->id, .fence = sack->fence, .seq = sack->seq, .low = completes ? sack->upto : key(14),
                          .tally = {.succeeded = 2, .skipped = 1, .failed = 1}, .completes = completes});
        transaction.commit();
    }
    store.claim_sack(run.id, worker);
    std::vector<std::string> seen;
    store.glance_at_sacks(run.id, [&](const store::SackGlance& sack) {
        const std::string low = sack.low.empty() ? "" : " at " + display(decode_key(sack.low));
        seen.push_back(display(decode_key(sack.after)) + " to " + display(decode_key(sack.upto)) + low + ": " + std::string{sack.state} +
                       ", " + std::to_string(sack.settled) + " of " + std::to_string(sack.rows) + ", " + std::to_string(sack.failed));
    });
    std::ranges::sort(seen);
    CHECK(seen == std::vector<std::string>{"0 to 10: done, 4 of 10, 1", "10 to 20 at 14: running, 4 of 10, 1",
                                           "20 to 30: running, 0 of 10, 0", "30 to 40: pending, 0 of 10, 0"});
}

TEST_CASE_FIXTURE(Fixture, "of two processes that walk from one position, the second stores nothing") {
    const std::vector<store::NewSack> sacks{{{}, key(10), 10, true}};
    store.add_sacks(run.id, sacks, {}, key(10), false);
    Peer other{schema};
    CHECK(kind_of([&] { other.store.add_sacks(run.id, sacks, {}, key(10), false); }) == ErrorKind::fenced);
    CHECK(list_sacks(store, run.id, 10).size() == 1);
    CHECK(store.find_run(run.id)->walk_position == key(10));
    CHECK_FALSE(other.session.in_transaction());
}

TEST_CASE_FIXTURE(Fixture, "a walk that is done goes no further") {
    store.add_sacks(run.id, {}, {}, {}, true);
    CHECK(kind_of([&] { store.add_sacks(run.id, {}, {}, {}, true); }) == ErrorKind::fenced);
}

TEST_CASE_FIXTURE(Fixture, "a walk that found nothing more is recorded, though no column but one changes") {
    store.add_sacks(run.id, {}, {}, {}, false);
    CHECK_FALSE(store.find_run(run.id)->walk_done);
    store.add_sacks(run.id, {}, {}, {}, true);
    CHECK(store.find_run(run.id)->walk_done);
}

TEST_CASE_FIXTURE(Fixture, "more sacks than one packet holds are stored whole") {
    const Key wide{Value::text(std::string(1000, 'x'))};
    const std::vector<store::NewSack> sacks(2000, {wide, wide, 1, true});
    store.add_sacks(run.id, sacks, {}, wide, true);
    CHECK(store.totals(run.id).sacks == 2000);
    CHECK(schema.scalar("SELECT MAX(ordinal) FROM " + table("sacks")) == "1999");
}

TEST_CASE_FIXTURE(Fixture, "sacks are claimed in reading order until none is left") {
    plan(2);
    const auto worker = join();
    const auto first = store.claim_sack(run.id, worker).value();
    const auto second = store.claim_sack(run.id, worker).value();
    CHECK(first.ordinal == 0);
    CHECK(first.fence > 0);
    CHECK(second.ordinal == 1);
    CHECK_FALSE(store.claim_sack(run.id, worker));
    CHECK(store.workers(run.id).at(0).sack == first.id);
    CHECK_FALSE(process.session.in_transaction());
}

TEST_CASE_FIXTURE(Fixture, "a claim waits for no other claim: it takes the next sack") {
    plan(2);
    const auto worker = join();
    Peer other{schema};
    other.session.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    process.session.execute("START TRANSACTION");
    const store::Dialect dialect{db::quote_name(schema.store_name()),
                                 [&](std::string& sql, ValueView value) { process.session.quote_to(sql, value); }};
    const auto held = process.session.query(store::render("next_pending_sack", dialect, {{"run", run.id}}));
    REQUIRE(held.rows.size() == 1);

    const auto taken = other.store.claim_sack(run.id, worker).value();
    CHECK(taken.ordinal == 1);
    process.session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(Fixture, "sessions that claim at the same time never get the same sack") {
    plan(200);
    const auto worker = join();
    std::vector<std::set<store::SackId>> claimed(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : claimed) {
            threads.emplace_back([&] {
                const db::ThreadScope scope;
                Peer other{schema};
                while (const auto sack = other.store.claim_sack(run.id, worker)) mine.insert(sack->id);
            });
        }
    }
    std::set<store::SackId> all;
    std::size_t sum = 0;
    for (const auto& mine : claimed) {
        all.insert(mine.begin(), mine.end());
        sum += mine.size();
    }
    CHECK(all.size() == 200);
    CHECK(sum == 200);
}

TEST_CASE_FIXTURE(Fixture, "an open claim keeps nobody from planning more sacks, even on a REPEATABLE READ session") {
    store.add_sacks(run.id, std::vector<store::NewSack>{{{}, key(10), 10, true}}, {}, key(10), false);
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    process.session.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    process.session.execute("START TRANSACTION");
    const store::Dialect dialect{db::quote_name(schema.store_name()),
                                 [&](std::string& sql, ValueView value) { process.session.quote_to(sql, value); }};
    process.session.query(store::render("next_pending_sack", dialect, {{"run", run.id}}));
    other.store.add_sacks(run.id, std::vector<store::NewSack>{{key(10), key(20), 10, true}}, key(10), key(20), true);
    process.session.execute("ROLLBACK");
    CHECK(store.totals(run.id).sacks == 2);
}

TEST_CASE_FIXTURE(Fixture, "the claim reads its own index in order, without sorting") {
    plan(300);
    schema.execute("ANALYZE TABLE " + table("sacks"));
    const store::Dialect dialect{db::quote_name(schema.store_name()),
                                 [&](std::string& sql, ValueView value) { process.session.quote_to(sql, value); }};
    const auto plan = process.session.query("EXPLAIN FORMAT=TRADITIONAL " +
                                            store::render("next_pending_sack", dialect, {{"run", run.id}}));
    REQUIRE(plan.rows.size() == 1);
    CHECK(plan.text(0, plan.find("key").value()) == "claim");
    CHECK(plan.text(0, plan.find("ref").value()) == "const,const");
    CHECK(plan.text(0, plan.find("Extra").value()).find("filesort") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a checkpoint is one update by the primary key") {
    plan(3);
    const std::string statement = store.checkpoint_statement({.sack = 1, .fence = 1, .seq = 0, .low = key(1)});
    const auto plan = process.session.query("EXPLAIN FORMAT=TRADITIONAL " + statement);
    REQUIRE(plan.rows.size() == 1);
    CHECK(plan.text(0, plan.find("key").value()) == "PRIMARY");
    CHECK(plan.text(0, plan.find("rows").value()) == "1");
}

TEST_CASE_FIXTURE(Fixture, "a released sack can be claimed again, from where its checkpoint stands") {
    plan(1);
    const auto worker = join();
    const auto first = store.claim_sack(run.id, worker).value();
    store.checkpoint({.sack = first.id, .fence = first.fence, .seq = 0, .low = key(4), .tally = {4, 0, 0}});
    store.release_sack(first.id, first.fence);

    const auto again = store.claim_sack(run.id, worker).value();
    CHECK(again.id == first.id);
    CHECK(again.fence > first.fence);
    CHECK(again.seq == 1);
    CHECK(again.low == key(4));
    CHECK(again.upto == key(10));
    CHECK(again.tally == engine::Tally{4, 0, 0});
}

TEST_CASE_FIXTURE(Fixture, "a sack that was taken over is not released by its former owner") {
    plan(1);
    const auto first = store.claim_sack(run.id, join(std::chrono::milliseconds{0})).value();
    const auto second = store.claim_sack(run.id, join()).value();
    REQUIRE(second.id == first.id);
    store.release_sack(first.id, first.fence);
    CHECK_FALSE(store.claim_sack(run.id, join()));
}

TEST_CASE_FIXTURE(Fixture, "a sack that is done is claimed by nobody") {
    plan(1);
    const auto sack = store.claim_sack(run.id, join(std::chrono::milliseconds{0})).value();
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(10), .completes = true});
    CHECK_FALSE(store.claim_sack(run.id, join()));
    store.release_sack(sack.id, sack.fence);
    CHECK_FALSE(store.claim_sack(run.id, join()));
}

TEST_CASE_FIXTURE(Fixture, "the sacks that are begun and not done are listed in reading order, and no others") {
    plan(4);
    const auto worker = join();
    const auto done = store.claim_sack(run.id, worker).value();
    const auto second = store.claim_sack(run.id, worker).value();
    const auto third = store.claim_sack(run.id, worker).value();
    store.checkpoint({.sack = done.id, .fence = done.fence, .seq = 0, .low = key(10), .completes = true});
    store.checkpoint({.sack = third.id, .fence = third.fence, .seq = 0, .low = key(22)});
    store.release_sack(third.id, third.fence);
    const auto begun = store.begun_sacks(run.id);
    REQUIRE(begun.size() == 2);
    CHECK(begun[0].id == second.id);
    CHECK(begun[1].id == third.id);
}

TEST_CASE_FIXTURE(Fixture,
                  "a claim whose answer was lost is given back, and nothing that the worker or another knows of") {
    plan(4);
    const auto worker = join();
    const auto held = store.claim_sack(run.id, worker).value();
    const auto lost = store.claim_sack(run.id, worker).value();
    const auto others = store.claim_sack(run.id, join()).value();

    store.release_unheld(run.id, worker, std::vector{held.id});

    CHECK(store.claim_sack(run.id, worker).value().id == lost.id);
    store.checkpoint({.sack = held.id, .fence = held.fence, .seq = 0, .low = key(1)});
    store.checkpoint({.sack = others.id, .fence = others.fence, .seq = 0, .low = key(21)});
}

TEST_CASE_FIXTURE(Fixture, "who looks for a claim whose answer was lost waits for no checkpoint, its own or another's") {
    plan(3);
    const auto worker = join();
    const auto held = store.claim_sack(run.id, worker).value();
    const auto lost = store.claim_sack(run.id, worker).value();
    const auto others = store.claim_sack(run.id, join()).value();
    Peer writer{schema};
    store::Transaction pending{writer.session};
    writer.store.checkpoint({.sack = held.id, .fence = held.fence, .seq = 0, .low = key(1)});
    writer.store.checkpoint({.sack = others.id, .fence = others.fence, .seq = 0, .low = key(21)});

    process.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    store.release_unheld(run.id, worker, std::vector{held.id});
    CHECK(store.claim_sack(run.id, worker).value().id == lost.id);
}
