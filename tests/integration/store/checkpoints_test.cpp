#include "fixture.hpp"

#include "support/eventually.hpp"

#include <future>

using namespace rowmill;
using namespace rowmill::store_test;

namespace {

struct Claimed : Fixture {
    Claimed() {
        plan(3);
        sack = store.claim_sack(run.id, join(std::chrono::milliseconds{0})).value();
    }

    store::Checkpoint next(const store::SackRecord& at, std::int64_t low) const {
        return {.sack = at.id, .fence = at.fence, .seq = at.seq, .low = key(low), .tally = {1, 0, 0}};
    }
    store::SackRecord stored(std::size_t ordinal = 0) { return list_sacks(store, run.id, 10).at(ordinal); }

    store::SackRecord sack;
};

}  // namespace

TEST_CASE_FIXTURE(Claimed, "a checkpoint moves the watermark, adds to the tally and raises the sequence number") {
    const std::vector<Key> above{{Value::bytes(std::string{"\0\xff", 2})}, {Value::text("🎒',\\")}};
    store.checkpoint(
        {.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(3), .above = above, .tally = {2, 1, 0}});
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 1, .low = key(5), .above = {}, .tally = {1, 0, 4}});
    CHECK(stored().low == key(5));
    CHECK(stored().above.empty());
    CHECK(stored().seq == 2);
    CHECK(stored().tally == engine::Tally{3, 1, 4});

    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 2, .low = key(5), .above = above});
    CHECK(stored().above == above);
}

TEST_CASE_FIXTURE(Claimed, "a checkpoint with an old sequence number is refused: a process cannot go back in time") {
    store.checkpoint(next(sack, 3));
    CHECK(kind_of([&] { store.checkpoint(next(sack, 2)); }) == ErrorKind::fenced);
    CHECK(stored().low == key(3));
}

TEST_CASE_FIXTURE(Claimed, "a worker whose lease ran out is fenced off from the sack that another took over") {
    Peer other{schema};
    const auto taken = other.store.claim_sack(run.id, join());
    REQUIRE(taken);
    CHECK(taken->ordinal == 1);  // the pending ones come first
    other.store.claim_sack(run.id, join());
    const auto taken_over = other.store.claim_sack(run.id, join()).value();
    REQUIRE(taken_over.id == sack.id);
    CHECK(taken_over.fence > sack.fence);

    CHECK(kind_of([&] { store.checkpoint(next(sack, 3)); }) == ErrorKind::fenced);
    other.store.checkpoint(next(taken_over, 4));
    CHECK(stored().low == key(4));
}

TEST_CASE_FIXTURE(Claimed, "a sack held by its last worker's pending transaction is not taken over") {
    store.claim_sack(run.id, join());
    store.claim_sack(run.id, join());
    process.session.execute("START TRANSACTION");
    store.checkpoint(next(sack, 3));

    Peer other{schema};
    CHECK_FALSE(other.store.claim_sack(run.id, join()));  // and does not wait
    process.session.execute("COMMIT");
    const auto taken = other.store.claim_sack(run.id, join()).value();
    CHECK(taken.id == sack.id);
    CHECK(taken.low == key(3));
    CHECK(taken.seq == 1);
}

TEST_CASE_FIXTURE(Claimed, "a sack that is claimed again after a failover has lost the claim is another's, though no other claim is known") {
    schema.execute("UPDATE " + table("sacks") + " SET state = 'pending', worker_id = NULL, fence = 0, seq = 0");
    const auto claimed = store.claim_sack(run.id, join()).value();
    REQUIRE(claimed.id == sack.id);
    CHECK(claimed.fence != sack.fence);
    CHECK(kind_of([&] { store.checkpoint(next(sack, 1)); }) == ErrorKind::fenced);
}

TEST_CASE_FIXTURE(Claimed, "a checkpoint to the same values counts as one row") {
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = {}, .above = {}, .tally = {}});
    CHECK(stored().seq == 1);
    // The sequence number always changes; a lease, within one microsecond, does not.
    process.session.execute("SET timestamp = 1700000000");
    const auto worker = join();
    CHECK(renew(worker, std::chrono::seconds{30}));
    CHECK(renew(worker, std::chrono::seconds{30}));
}

TEST_CASE_FIXTURE(Claimed, "a checkpoint belongs to the caller's transaction and goes with it") {
    process.session.execute("START TRANSACTION");
    store.checkpoint(next(sack, 3));
    store.add_dead_letters(run.id, sack.id, std::vector<engine::DeadLetter>{{key(2), 1, "1062", "duplicate"}});
    CHECK(process.session.in_transaction());
    process.session.execute("ROLLBACK");
    CHECK(stored().seq == 0);
    CHECK(store.totals(run.id).dead_letters == 0);
}

TEST_CASE_FIXTURE(Claimed, "several sacks' checkpoints are one write: where one is fenced off, none is written") {
    const auto second = store.claim_sack(run.id, join()).value();
    auto lost = next(second, 13);
    lost.fence += 1;
    lost.dead_letters = {{key(12), 5, "timeout", "lost"}};
    auto kept = next(sack, 3);
    kept.dead_letters = {{key(1), 5, "timeout", "first"}, {key(2), 5, "timeout", "second"}};

    const auto fenced = store.checkpoint_all(std::vector{lost, kept});

    CHECK(fenced == std::vector<store::SackId>{second.id});
    CHECK(stored(0).seq == 0);
    CHECK(stored(1).low == key(10));
    CHECK_FALSE(process.session.in_transaction());

    CHECK(store.checkpoint_all(std::vector{kept}).empty());
    CHECK(stored(0).low == key(3));
    std::vector<std::string> reasons;
    store.stream_dead_letters(run.id, "", [&](const auto& letter) {
        CHECK(letter.sack == sack.id);
        reasons.push_back(letter.reason);
    });
    CHECK(reasons == std::vector<std::string>{"first", "second"});
}

TEST_CASE_FIXTURE(Fixture, "more checkpoints than one packet may carry are written together") {
    plan(250);
    const auto worker = join();
    std::vector<store::Checkpoint> checkpoints;
    while (const auto sack = store.claim_sack(run.id, worker)) {
        checkpoints.push_back({.sack = sack->id,
                               .fence = sack->fence,
                               .seq = 0,
                               .low = sack->upto,
                               .tally = {10, 0, 0},
                               .completes = true});
    }
    CHECK(store.checkpoint_all(checkpoints).empty());
    CHECK(store.totals(run.id).sacks_done == 250);
    CHECK(store.totals(run.id).tally.succeeded == 2500);
    CHECK(store.checkpoint_all({}).empty());
}

TEST_CASE_FIXTURE(Claimed, "a failure among several checkpoints leaves none of them") {
    auto impossible = next(store.claim_sack(run.id, join()).value(), 13);
    impossible.dead_letters = {{{Value::text(std::string(5000, 'x'))}, 1, "1062", "a key longer than any index holds"}};
    process.session.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    CHECK(error_of([&] { store.checkpoint_all(std::vector{next(sack, 3), impossible}); }));
    CHECK_FALSE(process.session.in_transaction());
    CHECK(stored(0).seq == 0);
    CHECK(stored(1).seq == 0);
}

TEST_CASE_FIXTURE(Claimed, "a checkpoint and the items that it leaves waiting are written together or not at all") {
    auto checkpoint = next(sack, 3);
    checkpoint.tally = {2, 0, 0};
    checkpoint.retries = {{key(3), 1, std::chrono::milliseconds{0}, "timeout", "took too long"}};

    auto impossible = checkpoint;
    impossible.retries.push_back(
        {{Value::text(std::string(5000, 'x'))}, 1, {}, "x", "a key longer than any index holds"});
    process.session.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    CHECK(error_of([&] { store.checkpoint_all(std::vector{impossible}); }));
    CHECK(stored().seq == 0);
    CHECK(store.totals(run.id).waiting == 0);

    auto fenced = checkpoint;
    fenced.fence += 1;
    CHECK(store.checkpoint_all(std::vector{fenced}).size() == 1);
    CHECK(store.totals(run.id).waiting == 0);

    CHECK(store.checkpoint_all(std::vector{checkpoint}).empty());
    CHECK(stored().low == key(3));
    CHECK(store.totals(run.id).waiting == 1);
    CHECK(store.totals(run.id).tally == engine::Tally{2, 0, 0});
}

TEST_CASE_FIXTURE(Claimed, "what several sacks leave waiting, or dead, is stored under the sack that it came from") {
    const auto second = store.claim_sack(run.id, join()).value();
    auto one = next(sack, 3), other = next(second, 13);
    one.retries = {{key(2), 1, {}, "exit 75", "later"}};
    other.retries = {{key(12), 2, {}, "429", "slow down"}};
    other.dead_letters = {{key(13), 5, "500", "broken"}};
    CHECK(store.checkpoint_all(std::vector{other, one}).empty());
    const auto waiting = store.claim_waiting(run.id, join(), 10, std::chrono::minutes{1});
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].sack == sack.id);
    CHECK(waiting[0].key == key(2));
    CHECK(waiting[1].sack == second.id);
    CHECK(waiting[1].key == key(12));
    store.stream_dead_letters(run.id, "", [&](const auto& letter) { CHECK(letter.sack == second.id); });
    CHECK(store.totals(run.id).dead_letters == 1);
}

TEST_CASE_FIXTURE(Claimed, "locking a sack waits for the transaction that is still pending on it") {
    Peer other{schema};
    other.session.execute("START TRANSACTION");
    other.store.checkpoint(next(sack, 3));

    auto locked = std::async(std::launch::async, [&] {
        const db::ThreadScope scope;
        return store.lock_sack(sack.id, run.token).value().seq;
    });
    // It is seen waiting: only then is the transaction let go.
    const std::string waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = " +
                                std::to_string(process.session.connection_id()) + " AND info LIKE 'SELECT%FOR UPDATE%'";
    CHECK(eventually([&] { return schema.scalar(waiting) != "0"; }));
    CHECK(locked.wait_for(std::chrono::milliseconds{0}) == std::future_status::timeout);
    other.session.execute("COMMIT");
    CHECK(locked.get() == 1);
}

TEST_CASE_FIXTURE(Claimed, "a sack that stays locked is told from one that is not there") {
    Peer other{schema};
    other.session.execute("START TRANSACTION");
    other.store.checkpoint(next(sack, 3));
    process.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    CHECK(kind_of([&] { store.lock_sack(sack.id, run.token); }) == ErrorKind::replay);
    other.session.execute("ROLLBACK");
    CHECK(store.lock_sack(sack.id, run.token)->seq == 0);
}

TEST_CASE_FIXTURE(Claimed, "inside a transaction the lock on a sack is kept") {
    process.session.execute("START TRANSACTION");
    REQUIRE(store.lock_sack(sack.id, run.token));
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    CHECK(kind_of([&] { other.store.lock_sack(sack.id, run.token); }) == ErrorKind::replay);
    process.session.execute("ROLLBACK");
    CHECK(other.store.lock_sack(sack.id, run.token));
}

TEST_CASE_FIXTURE(Claimed, "a server that does not hold the run is told by its token") {
    CHECK(store.lock_sack(sack.id, run.token));
    CHECK_FALSE(store.lock_sack(sack.id, "another"));
    CHECK_FALSE(store.lock_sack(sack.id + 1000, run.token));
    store::Store elsewhere{process.session, schema.name() + "_missing"};
    CHECK_FALSE(elsewhere.lock_sack(sack.id, run.token));
}
