// The primary dies, its replica is promoted, the address is moved. What of the work the replica never had is lost there with
// its checkpoints, and is done again.

#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/replication.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;

/// A pair of servers with a field on it, and a run over the field by way of the address.
class Move {
public:
    explicit Move(Dice& dice) : session_{std::in_place, pair.primary().endpoint(), db::SessionSettings{}} {
        session_->execute("CREATE DATABASE chaos");
        session_->execute("USE chaos");
        field.emplace(*session_, dice);
        field->sow(rows);
    }

    void start(const std::string& statement, const std::string& run = "rate = 15000\n") {
        std::string dsn = pair.dsn("chaos");
        trial.emplace(dsn.replace(dsn.find("root@"), 4, user), "chaos_store", job_over_field(statement, run + "reconnect_for = \"60s\"\n"));
        process = trial->start();
    }

    /// Waits until so many rows are done.
    void reach(std::uint64_t done) {
        REQUIRE(eventually([&] { return has_ended(*process) || field->done() >= done; }));
        REQUIRE(!has_ended(*process));
    }

    void fail_over() {
        pair.fail_over();
        look_at(pair.replica());
    }

    void look_at(const MariaDb& server) {
        session_.emplace(server.endpoint(), db::SessionSettings{});
        session_->execute("USE chaos");
        field->look_through(*session_);
    }

    /// The run must come to its end by itself, with each row done once by the data of the server that answers now.
    void check_end() {
        const Finished finished = process->wait(std::chrono::seconds{50});
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        check_exactly_once(*trial, *field);
    }

    Replication pair;
    std::string user = "root";
    std::optional<Field> field;
    std::optional<Trial> trial;
    std::unique_ptr<Process> process;

private:
    std::optional<db::Session> session_;
};

}  // namespace

TEST_CASE("a run goes on by itself on the replica that was promoted, wherever the primary's death found it") {
    Dice dice{chaos_seed()};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        Move move{dice};
        move.start(form.statement);
        move.reach(dice.between(1, rows - 2000));
        move.pair.primary().kill();
        CHECK(move.process->wait_for_output("connecting again"));
        move.fail_over();
        move.check_end();
    }
}

TEST_CASE("what a replica had received and not yet applied when its primary died is not done again") {
    Dice dice{chaos_seed()};
    Move move{dice};
    move.start("UPDATE t SET n = n + 1 WHERE :batch");
    move.reach(dice.between(1, 3000));
    move.pair.stop_applying();
    move.reach(dice.between(4000, 10000));
    move.pair.primary().kill();
    move.fail_over();
    CHECK(move.field->done() >= 4000);
    move.check_end();
}

TEST_CASE("work that the replica never received is done again there, and only that") {
    Dice dice{chaos_seed()};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        Move move{dice};
        move.start(form.statement);
        move.reach(dice.between(1, 8000));
        move.pair.stop_receiving();
        const std::uint64_t done = move.field->done() + dice.between(1000, 6000);
        move.reach(done);
        move.pair.primary().kill();
        move.fail_over();
        CHECK(move.field->done() < done);
        move.check_end();
    }
}

TEST_CASE("sacks that a worker had finished and that the replica still takes for its own are worked on again") {
    Dice dice{chaos_seed()};
    Move move{dice};
    move.start("UPDATE t SET n = n + 1 WHERE :batch");
    move.reach(500);
    // Claims and their sacks' ends reach the replica, then nothing: its workers hold sacks of which they know nothing any more.
    move.pair.catch_up();
    move.pair.stop_receiving();
    move.reach(rows - 1000);
    move.pair.primary().kill();
    move.fail_over();
    move.check_end();
}

TEST_CASE("a primary that dies in the middle of a batch leaves nothing of it behind") {
    Dice dice{chaos_seed()};
    for (const char* place : {"SAVEPOINT rowmill", "RELEASE SAVEPOINT", "COMMIT"}) {
        CAPTURE(place);
        Move move{dice};
        const auto skip = static_cast<unsigned>(dice.between(5, 60));
        const auto matches = place == std::string{"COMMIT"} ? statement_is(place) : statement_has(place);
        move.pair.address().add({matches, Deed::hold, skip, 1});
        move.start("UPDATE t SET n = n + 1 WHERE :batch");
        REQUIRE(move.pair.address().wait_until_struck(1));
        move.pair.primary().kill();
        move.pair.address().release();
        move.fail_over();
        move.check_end();
    }
}

TEST_CASE("a COMMIT whose answer died with the primary is believed as the replica has it") {
    Dice dice{chaos_seed()};
    for (const bool has_received : {true, false}) {
        CAPTURE(has_received);
        Move move{dice};
        const auto skip = static_cast<unsigned>(dice.between(20, 100));
        move.pair.address().add({statement_is("COMMIT"), Deed::cut_before_answer, skip, 1});
        move.start("UPDATE t SET n = n + 1 WHERE :batch", "rate = 5000\n");
        move.reach(200);
        if (!has_received) move.pair.stop_receiving();
        REQUIRE(move.pair.address().wait_until_struck(1));
        if (has_received) move.pair.catch_up();
        move.pair.primary().kill();
        move.fail_over();
        move.check_end();
    }
}

TEST_CASE("a primary that is made read-only when its replica is promoted is left for the one that takes writes") {
    Dice dice{chaos_seed()};
    Move move{dice};
    db::Session primary{move.pair.primary().endpoint(), {}};
    primary.execute("CREATE USER worker");  // who may do all that root may writes to a read-only server
    primary.execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON *.* TO worker");
    move.user = "worker";
    move.start("UPDATE t SET n = n + 1 WHERE :batch");
    move.reach(dice.between(1, rows - 2000));
    primary.execute("SET GLOBAL read_only = 1");
    CHECK(move.process->wait_for_output("read-only"));
    move.pair.catch_up();
    move.fail_over();
    move.check_end();
}
