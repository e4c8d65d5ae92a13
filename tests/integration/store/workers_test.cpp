#include "fixture.hpp"

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Fixture, "a worker comes back with its process, its connections and its lease") {
    const std::vector<std::uint64_t> connections{12, 345, 6789};
    const auto worker = store.register_worker(run.id, {"höst", "boot/pid:[1]", 4711, 12345678901}, 30s, connections);
    const auto workers = store.workers(run.id);
    REQUIRE(workers.size() == 1);
    CHECK(workers[0].id == worker);
    CHECK(workers[0].run == run.id);
    CHECK(workers[0].identity.host == "höst");
    CHECK(workers[0].identity.boot_id == "boot/pid:[1]");
    CHECK(workers[0].identity.pid == 4711);
    CHECK(workers[0].identity.start_ticks == 12345678901);
    CHECK(workers[0].connection_ids == connections);
    CHECK(workers[0].lease_expires_at.size() == 20);
    CHECK_FALSE(workers[0].lease_expired);
    CHECK_FALSE(workers[0].sack);
}

TEST_CASE_FIXTURE(Fixture, "a lease lasts as long as it was given for, in the server's time") {
    const auto worker = join(90s);
    const std::string left = "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_expires_at) FROM " +
                             table("workers") + " WHERE id = " + std::to_string(worker);
    CHECK(std::stoi(schema.scalar(left)) > 80);
    CHECK(std::stoi(schema.scalar(left)) <= 90);
    CHECK(renew(worker, 600s));
    CHECK(std::stoi(schema.scalar(left)) > 590);
}

TEST_CASE_FIXTURE(Fixture, "a lease that ran out is seen, and one renewed is not") {
    const auto worker = join(0ms);
    CHECK(store.workers(run.id).at(0).lease_expired);
    CHECK(renew(worker, 30s));
    CHECK_FALSE(store.workers(run.id).at(0).lease_expired);
}

TEST_CASE_FIXTURE(Fixture, "a worker that was declared gone cannot renew its lease") {
    const auto worker = join();
    store.declare_gone(worker);
    CHECK_FALSE(renew(worker, 30s));
    CHECK(store.workers(run.id).empty());
}

TEST_CASE_FIXTURE(Fixture, "a worker whose id a failover has given to another process does not renew that one's lease") {
    const auto worker = join();
    auto other = self;
    ++other.start_ticks;
    CHECK_FALSE(store.renew_lease(worker, other, 30s));
    CHECK(renew(worker, 30s));
}

TEST_CASE_FIXTURE(Fixture, "a renewal does not wait for the work's locks on the sacks") {
    plan(1);
    const auto worker = join();
    const auto sack = store.claim_sack(run.id, worker).value();
    process.session.execute("START TRANSACTION");
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(1)});
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    CHECK(other.store.renew_lease(worker, self, 30s));
    process.session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(Fixture, "who leaves gives back the sacks that are still its own, and only those") {
    plan(4);
    const auto leaving = join();
    const auto staying = join();
    const auto done = store.claim_sack(run.id, leaving).value();
    const auto held = store.claim_sack(run.id, leaving).value();
    const auto other = store.claim_sack(run.id, staying).value();
    store.checkpoint({.sack = done.id, .fence = done.fence, .seq = 0, .low = key(10), .completes = true});

    store.leave(leaving);

    CHECK(store.workers(run.id).size() == 1);
    CHECK(store.totals(run.id).sacks_running == 1);
    CHECK(store.totals(run.id).sacks_done == 1);
    CHECK(store.claim_sack(run.id, staying).value().id == held.id);
    store.checkpoint({.sack = other.id, .fence = other.fence, .seq = 0, .low = key(21)});
}

TEST_CASE_FIXTURE(Fixture, "a worker that was declared gone is fenced off at once") {
    plan(1);
    const auto worker = join();
    const auto sack = store.claim_sack(run.id, worker).value();
    Peer other{schema};
    other.store.declare_gone(worker);
    CHECK(kind_of([&] { store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(1)}); }) ==
          ErrorKind::fenced);
}

TEST_CASE_FIXTURE(Fixture,
                  "declaring a worker gone does not wait for its pending transaction, and its sack is not lost") {
    plan(1);
    const auto worker = join();
    const auto sack = store.claim_sack(run.id, worker).value();
    process.session.execute("START TRANSACTION");
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(5)});

    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    other.store.declare_gone(worker);
    const auto next = join();
    CHECK_FALSE(other.store.claim_sack(run.id, next));
    process.session.execute("COMMIT");
    CHECK(other.store.claim_sack(run.id, next).value().low == key(5));
}

TEST_CASE_FIXTURE(Fixture, "leaving twice does no harm") {
    const auto worker = join();
    store.leave(worker);
    store.leave(worker);
    CHECK(store.workers(run.id).empty());
}
