#include "fixture.hpp"

#include <algorithm>

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

namespace {

/// Sacks of ten rows each; the first is claimed by `owner`.
struct Owned : Fixture {
    Owned() {
        plan(2);
        owner = join();
        asker = join();
        sack = store.claim_sack(run.id, owner).value();
    }

    std::string cell(const std::string& column, store::SackId id) {
        return schema.scalar("SELECT " + column + " FROM " + table("sacks") + " WHERE id = " + std::to_string(id));
    }
    void forget_when_asked() {
        schema.execute("UPDATE " + table("sacks") + " SET split_asked_at = split_asked_at - INTERVAL 1 MINUTE");
    }

    store::WorkerId owner = 0, asker = 0;
    store::SackRecord sack;
};

}  // namespace

TEST_CASE_FIXTURE(Owned, "a split leaves two sacks that lie one after the other, and the upper one is pending") {
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(3), .tally = {3, 0, 0}});
    const auto upper = store.split_sack(sack.id, sack.fence, key(10), key(6), 6, 4);

    const auto sacks = list_sacks(store, run.id, 10);
    REQUIRE(sacks.size() == 3);
    CHECK(sacks[0].id == sack.id);
    CHECK(sacks[0].after == key(0));
    CHECK(sacks[0].low == key(3));
    CHECK(sacks[0].upto == key(6));
    CHECK(sacks[0].rows == 6);
    CHECK(sacks[0].tally == engine::Tally{3, 0, 0});
    CHECK(sacks[0].seq == 1);
    CHECK(sacks[0].fence == sack.fence);
    CHECK(sacks[2].id == upper);
    CHECK(sacks[2].ordinal == 2);
    CHECK(sacks[2].after == key(6));
    CHECK(sacks[2].low == key(6));
    CHECK(sacks[2].upto == key(10));
    CHECK(sacks[2].rows == 4);
    CHECK(sacks[2].rows_exact);
    CHECK(sacks[2].tally == engine::Tally{});
    CHECK(cell("state", upper) == "pending");
    CHECK(store.totals(run.id).rows_planned == 20);
    CHECK_FALSE(process.session.in_transaction());
}

TEST_CASE_FIXTURE(Owned, "a checkpoint that was on its way while its sack was split stands") {
    store.split_sack(sack.id, sack.fence, key(10), key(6), 6, 4);
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(2)});
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 1, .low = key(6), .completes = true});
    CHECK(cell("state", sack.id) == "done");
}

TEST_CASE_FIXTURE(Owned, "sacks that are planned after a split have ordinals of their own") {
    schema.execute("UPDATE " + table("runs") + " SET walk_done = FALSE");
    store.split_sack(sack.id, sack.fence, key(10), key(6), 6, 4);
    store.add_sacks(run.id, std::vector<store::NewSack>{{key(20), key(30), 10, true}}, key(20), key(30), true);
    CHECK(schema.scalar("SELECT COUNT(DISTINCT ordinal) FROM " + table("sacks")) == "4");
    CHECK(store.find_run(run.id)->walk_done);
}

TEST_CASE_FIXTURE(Owned, "who does not own a sack, or does not know its end, can't split it, and nothing is changed") {
    const auto split = [&](std::uint64_t fence, const Key& upto) {
        return kind_of([&] { store.split_sack(sack.id, fence, upto, key(6), 6, 4); });
    };
    CHECK(split(sack.fence - 1, key(10)) == ErrorKind::fenced);
    CHECK(split(sack.fence, key(9)) == ErrorKind::fenced);
    store.release_sack(sack.id, sack.fence);
    CHECK(split(sack.fence, key(10)) == ErrorKind::fenced);
    CHECK(list_sacks(store, run.id, 10).size() == 2);
    CHECK(schema.scalar("SELECT sack_count FROM " + table("runs")) == "2");
    CHECK_FALSE(process.session.in_transaction());
}

TEST_CASE_FIXTURE(Owned, "a run that was cancelled gets no more sacks") {
    store.set_state(run.id, "cancelled", "");
    CHECK(kind_of([&] { store.split_sack(sack.id, sack.fence, key(10), key(6), 6, 4); }) == ErrorKind::fenced);
    CHECK(list_sacks(store, run.id, 10).size() == 2);
}

TEST_CASE_FIXTURE(Owned, "an idle worker's wish reaches the owner, and a split or a refusal takes it away") {
    CHECK(store.wanted_splits(run.id, owner).empty());
    CHECK(store.ask_for_split(run.id, asker));
    CHECK(store.wanted_splits(run.id, owner) == std::vector{sack.id});
    CHECK(store.wanted_splits(run.id, asker).empty());
    store.decline_split(sack.id, sack.fence);
    CHECK(store.wanted_splits(run.id, owner).empty());

    forget_when_asked();
    CHECK(store.ask_for_split(run.id, asker));
    store.split_sack(sack.id, sack.fence, key(10), key(6), 6, 4);
    CHECK(store.wanted_splits(run.id, owner).empty());
}

TEST_CASE_FIXTURE(Owned, "a sack is asked for once a second, a refusal in between or not, and nobody asks for its own") {
    CHECK_FALSE(store.ask_for_split(run.id, owner));
    CHECK(store.ask_for_split(run.id, asker));
    CHECK_FALSE(store.ask_for_split(run.id, join()));
    store.decline_split(sack.id, sack.fence);
    CHECK_FALSE(store.ask_for_split(run.id, asker));
    forget_when_asked();
    CHECK(store.ask_for_split(run.id, asker));
}

TEST_CASE_FIXTURE(Owned, "the sack with the most rows left is asked for first, and then another") {
    const auto second = store.claim_sack(run.id, owner).value();
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(3), .tally = {1, 1, 1}});
    CHECK(store.ask_for_split(run.id, asker));
    CHECK(store.wanted_splits(run.id, owner) == std::vector{second.id});
    CHECK(store.ask_for_split(run.id, asker));
    CHECK(store.wanted_splits(run.id, owner) == std::vector{sack.id, second.id});
}

TEST_CASE_FIXTURE(Owned, "a sack whose owner is in the middle of a checkpoint is not waited for") {
    Peer other{schema};
    other.session.execute("SET SESSION innodb_lock_wait_timeout = 1");
    process.session.execute("START TRANSACTION");
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(3)});
    CHECK_FALSE(other.store.ask_for_split(run.id, asker));
    process.session.execute("ROLLBACK");
    CHECK(other.store.ask_for_split(run.id, asker));
}

TEST_CASE_FIXTURE(Owned, "who takes a sack over need not answer what its former owner was asked") {
    CHECK(store.ask_for_split(run.id, asker));
    store.declare_gone(owner);
    REQUIRE(store.claim_sack(run.id, asker).value().id == sack.id);
    CHECK(store.wanted_splits(run.id, asker).empty());
}

TEST_CASE_FIXTURE(Owned, "what is left of a run is counted without its finished sacks, and no further than asked") {
    auto open = store.open_sacks(run.id, 10);
    CHECK(open.pending == 1);
    CHECK(open.running == 1);
    CHECK(open.walk_done);
    CHECK(open.walk_position == key(20));
    CHECK(open.first_worker == owner);
    CHECK(open.workers == 2);
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = 0, .low = key(10), .completes = true});
    CHECK(store.open_sacks(run.id, 10).running == 0);
    CHECK(store.open_sacks(run.id, 0).pending == 0);
    schema.execute("UPDATE " + table("workers") + " SET lease_expires_at = '2000-01-01' WHERE id = " +
                   std::to_string(owner));
    CHECK(store.open_sacks(run.id, 10).first_worker == asker);
}

TEST_CASE_FIXTURE(Owned, "a worker that is not on the list any more claims nothing") {
    store.declare_gone(asker);
    CHECK(kind_of([&] { store.claim_sack(run.id, asker); }) == ErrorKind::fenced);
    CHECK_FALSE(process.session.in_transaction());
    CHECK(store.claim_sack(run.id, owner));
}

TEST_CASE_FIXTURE(Owned, "a worker is declared dead for its lease only while that has run out") {
    CHECK_FALSE(store.declare_expired(owner));
    CHECK(store.workers(run.id).size() == 2);
    const auto late = join(0ms);
    const auto held = store.claim_sack(run.id, late).value();
    CHECK(renew(late, 30s));
    CHECK_FALSE(store.declare_expired(late));
    CHECK(renew(late, 0ms));
    CHECK(store.declare_expired(late));
    CHECK_FALSE(renew(late, 30s));
    CHECK(store.claim_sack(run.id, asker).value().id == held.id);
}

TEST_CASE_FIXTURE(Owned, "connections are known to be a worker's only on the server that it was connected to, since its start") {
    const std::vector<std::uint64_t> mine{7, process.session.connection_id()};
    store.note_connections(owner, mine);
    CHECK(store.connections_of(owner) == mine);
    CHECK(store.connections_of(asker).empty());
    schema.execute("UPDATE " + table("workers") + " SET server_started_at = server_started_at - INTERVAL 4 SECOND");
    CHECK(store.connections_of(owner).empty());
    store.note_connections(owner, mine);
    schema.execute("UPDATE " + table("workers") + " SET connected_to = CONCAT('another ', connected_to)");
    CHECK(store.connections_of(owner).empty());
}
