// The primary dies, its replica is promoted, the address is moved. What of the work the replica never had is lost there with
// its checkpoints, and is done again.

#include "support/eventually.hpp"
#include "support/replication.hpp"
#include "worked_field.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;
const std::string by_batch = "UPDATE t SET n = n + 1 WHERE :batch";
// Slow enough for seconds of work to be left when the primary dies, on a machine that is busy with else.
const std::string held_back = "rate = 3000\nreconnect_for = \"60s\"\n";

/// A pair of servers and a run by way of their address.
struct Move {
    explicit Move(Dice& dice) : work{pair.primary(), dice, rows} {}

    void start(const std::string& statement, const std::string& run = held_back) {
        work.start(pair.address().dsn(), statement, run);
    }
    void fail_over() {
        pair.fail_over();
        work.look_at(pair.replica());
    }
    void kill_and_fail_over() {
        pair.primary().kill();
        fail_over();
    }

    Replication pair;
    WorkedField work;
};

}  // namespace

TEST_CASE("a run goes on by itself on the replica that was promoted, wherever the primary's death found it") {
    Dice dice{chaos_seed()};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        Move move{dice};
        move.start(form.statement);
        move.work.reach(dice.between(1, rows - 8000));
        move.pair.primary().kill();
        CHECK(move.work.process().wait_for_output("waiting_for\":\"reconnecting"));
        move.fail_over();
        move.work.check_end();
    }
}

TEST_CASE("what a replica had received and not yet applied when its primary died is not done again") {
    Dice dice{chaos_seed()};
    Move move{dice};
    move.start(by_batch);
    move.work.reach(dice.between(1, 3000));
    move.pair.stop_applying();
    move.work.reach(dice.between(5000, 10000));
    move.kill_and_fail_over();
    CHECK(move.work.field().done() >= 4000);
    move.work.check_end();
}

TEST_CASE("work that the replica never received is done again there, and only that") {
    Dice dice{chaos_seed()};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        Move move{dice};
        move.start(form.statement);
        move.work.reach(dice.between(1, 8000));
        move.pair.stop_receiving();
        const std::uint64_t done = move.work.field().done() + dice.between(1000, 6000);
        move.work.reach(done);
        move.kill_and_fail_over();
        CHECK(move.work.field().done() < done);
        move.work.check_end();
    }
}

TEST_CASE("sacks that a worker had finished and that the replica still takes for its own are worked on again") {
    Dice dice{chaos_seed()};
    Move move{dice};
    move.start(by_batch);
    move.work.reach(500);
    move.pair.catch_up();
    move.pair.stop_receiving();
    move.work.reach(rows - 6000);
    move.kill_and_fail_over();
    move.work.check_end();
}

TEST_CASE("three processes go on by themselves on a replica that had not received all") {
    Dice dice{chaos_seed()};
    for (const bool is_behind : {false, true}) {
        CAPTURE(is_behind);
        Move move{dice};
        move.start(by_batch, "rate = 1000\nreconnect_for = \"60s\"\n");
        move.work.reach(1);
        move.work.start_again({"--join"});
        move.work.start_again({"--join"});
        const auto has_three = [&] { return move.work.trial().status().at("workers").as_array().size() == 3; };
        REQUIRE(eventually(has_three));
        move.pair.catch_up();
        if (is_behind) move.pair.stop_receiving();
        move.work.reach(move.work.field().done() + dice.between(1000, 3000));
        move.kill_and_fail_over();
        move.work.check_end();
    }
}

TEST_CASE("a sack whose split the replica never received is worked on to its old end") {
    Dice dice{chaos_seed()};
    Move move{dice};
    std::string job = job_over_field(by_batch, "rate = 4000\nreconnect_for = \"60s\"\n");
    job.replace(job.find("sack_rows = 300"), 15, "sack_rows = 20000");
    TcpProxy& address = move.pair.address();
    address.add({statement_has("UPDATE t SET"), Deed::hold, static_cast<unsigned>(dice.between(5, 30)), 1});
    move.work.start_job(address.dsn(), job, {"--workers", "1"});
    REQUIRE(address.wait_until_struck(1));
    move.pair.catch_up();
    move.pair.stop_receiving();
    // The owner of the only sack is held in the middle of a batch, and gives a part of the sack away meanwhile. The
    // replica has all that it had recorded, and knows nothing of the split nor of the other process.
    const auto other = move.work.trial().start({"--join"});
    const auto sacks = [&] {
        return std::stoull(move.work.session().query("SELECT COUNT(*) FROM chaos_store.sacks").text(0, 0));
    };
    REQUIRE(eventually([&] { return sacks() > 1; }));
    move.pair.primary().kill();
    address.release();
    move.fail_over();
    CHECK(sacks() == 1);
    // Nobody knows the other one there; at the end at the latest it finds that out, or that all is done.
    const std::string how = other->wait().how();
    CHECK((how == "exit 4" || how == "exit 0"));
    CHECK(move.work.process().wait(std::chrono::seconds{60}).how() == "exit 0");
    CHECK(move.work.field().faults() == "0 missed, 0 repeated, of " + std::to_string(rows));
    CHECK(move.work.trial().status().at("state").as_string() == "succeeded");
}

TEST_CASE("sacks that were planned and that the replica never received are planned again") {
    Dice dice{chaos_seed()};
    Move move{dice};
    TcpProxy& address = move.pair.address();
    // The walk takes sixteen sacks at a time: it is held before the second time.
    address.add({statement_has("SET `walk_position`"), Deed::hold, 1, 1});
    move.start(by_batch);
    REQUIRE(address.wait_until_struck(1));
    move.pair.catch_up();
    move.pair.stop_receiving();
    address.release();
    const auto is_planned = [&] {
        return move.work.session().query("SELECT walk_done FROM chaos_store.runs").text(0, 0) == "1";
    };
    REQUIRE(eventually(is_planned));
    move.kill_and_fail_over();
    CHECK(!is_planned());
    move.work.check_end();
}

TEST_CASE("a primary that dies in the middle of a batch leaves nothing of it behind") {
    Dice dice{chaos_seed()};
    const auto at_commit = statement_is("COMMIT");
    for (const auto& place : {statement_has("SAVEPOINT rowmill"), statement_has("RELEASE SAVEPOINT"), at_commit}) {
        Move move{dice};
        move.pair.address().add({place, Deed::hold, static_cast<unsigned>(dice.between(5, 60)), 1});
        move.start(by_batch);
        REQUIRE(move.pair.address().wait_until_struck(1));
        move.pair.primary().kill();
        move.pair.address().release();
        move.fail_over();
        move.work.check_end();
    }
}

TEST_CASE("a COMMIT whose answer died with the primary is believed as the replica has it") {
    Dice dice{chaos_seed()};
    for (const bool has_received : {true, false}) {
        CAPTURE(has_received);
        Move move{dice};
        move.pair.address().add(
            {statement_is("COMMIT"), Deed::cut_before_answer, static_cast<unsigned>(dice.between(20, 100)), 1});
        move.start(by_batch);
        move.work.reach(200);
        if (!has_received) move.pair.stop_receiving();
        REQUIRE(move.pair.address().wait_until_struck(1));
        if (has_received) move.pair.catch_up();
        move.kill_and_fail_over();
        move.work.check_end();
    }
}

TEST_CASE("a primary that is made read-only when its replica is promoted is left for the one that takes writes") {
    Dice dice{chaos_seed()};
    Move move{dice};
    db::Session primary{move.pair.primary().endpoint(), {}};
    const std::string dsn = dsn_with_user(move.pair.address().dsn(), create_worker_account(primary));
    move.work.start(dsn, by_batch, held_back);
    move.work.reach(dice.between(1, rows - 8000));
    primary.execute("SET GLOBAL read_only = 1");
    CHECK(move.work.process().wait_for_output("read-only"));
    move.pair.catch_up();
    move.fail_over();
    move.work.check_end();
}
