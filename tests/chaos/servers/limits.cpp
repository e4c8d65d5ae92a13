// A server that is restarted, that takes no more connections, that is read-only for a while.

#include "support/eventually.hpp"
#include "worked_field.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;
const std::string by_batch = "UPDATE t SET n = n + 1 WHERE :batch";
// Slow enough for seconds of work to be left when something befalls the server, on a machine that is busy with else.
const std::string held_back = "rate = 3000\nreconnect_for = \"60s\"\n";

std::string state_of(const WorkedField& work) { return std::string{work.trial().status().at("state").as_string()}; }

/// Sessions of the worker's account that leave none for others.
class Hoard {
public:
    /// The least that a server may be told to take, all of them taken.
    explicit Hoard(WorkedField& work, const db::Endpoint& server) : work_{work} {
        work_.session().execute("SET GLOBAL max_connections = 10");
        db::Endpoint endpoint = server;
        endpoint.user = "worker";
        end_others();
        try {
            for (;;) sessions_.push_back(std::make_unique<db::Session>(endpoint, db::SessionSettings{}));
        } catch (const Error& error) {
            REQUIRE(error.kind() == ErrorKind::overloaded);
        }
    }
    ~Hoard() { work_.session().execute("SET GLOBAL max_connections = 100"); }
    Hoard(const Hoard&) = delete;
    Hoard& operator=(const Hoard&) = delete;

    /// The worker account's other connections.
    void end_others() {
        const db::ResultSet found =
            work_.session().query("SELECT id FROM information_schema.processlist WHERE user = 'worker'");
        for (std::size_t row = 0; row < found.rows.size(); ++row) {
            try {
                work_.session().execute("KILL CONNECTION " + found.text(row, 0));
            } catch (const Error&) {
                // It has gone by itself.
            }
        }
    }

private:
    WorkedField& work_;
    std::vector<std::unique_ptr<db::Session>> sessions_;
};

}  // namespace

TEST_CASE("a server that is shut down, or killed, and started again is waited for by all workers") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(server.dsn(), by_batch, held_back, {"--workers", "4"});
    for (const bool in_order : {true, false, true, false}) {
        CAPTURE(in_order);
        work.reach(work.field().done() + dice.between(1, 2500));
        in_order ? server.stop() : server.kill();
        CHECK(work.process().wait_for_output("waiting_for\":\"reconnecting"));
        server.start();
        work.look_at(server);
    }
    work.check_end();
}

TEST_CASE("a server that stays away for longer than reconnect_for ends the run with exit 69, and it goes on later") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(server.dsn(), by_batch, "rate = 3000\nreconnect_for = \"2s\"\n");
    work.reach(dice.between(1, 5000));
    server.kill();
    const Finished finished = work.process().wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 69");
    CHECK(work.trial().run().how() == "exit 69");
    server.start();
    work.look_at(server);
    CHECK(state_of(work) == "interrupted");
    CHECK(work.trial().run({"--accept-changes", "--rate", "0"}).how() == "exit 0");
    check_exactly_once(work.trial(), work.field());
}

TEST_CASE("a run whose connections were cut waits while the server takes no more of them, and says why") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(dsn_with_user(server.dsn(), create_worker_account(work.session())), by_batch, held_back);
    work.reach(dice.between(1, 5000));
    {
        Hoard hoard{work, server.endpoint()};
        CHECK(work.process().wait_for_output("Too many connections"));
        CHECK(!has_ended(work.process()));
    }
    work.check_end();
}

TEST_CASE("a run does not begin on a server that takes no more connections: exit 69, and what was begun is kept") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(dsn_with_user(server.dsn(), create_worker_account(work.session())), by_batch, held_back);
    work.reach(dice.between(1, 5000));
    work.process().kill();
    CHECK(work.process().wait().how() == "signal 9");
    {
        Hoard hoard{work, server.endpoint()};
        const Finished finished = work.trial().run();
        CHECK(finished.how() == "exit 69");
        CHECK(finished.errors.find("Too many connections") != std::string::npos);
    }
    CHECK(work.trial().run({"--rate", "0"}).how() == "exit 0");
    check_exactly_once(work.trial(), work.field());
}

TEST_CASE("a run waits while its server is read-only, and says so") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(dsn_with_user(server.dsn(), create_worker_account(work.session())), by_batch, held_back);
    for (int times = 1; times <= 3; ++times) {
        work.reach(work.field().done() + dice.between(1, 3000));
        work.session().execute("SET GLOBAL read_only = 1");
        const std::uint64_t done = work.field().done();
        const std::size_t seen = work.process().errors().size();
        CHECK(eventually([&] { return work.process().errors().find("read-only", seen) != std::string::npos; }));
        CHECK(eventually([&] {
            const auto status = work.trial().status();
            const auto* why = status.at("waiting_for").if_string();
            return why != nullptr && why->find("read-only") != boost::json::string::npos;
        }));
        CHECK(work.field().done() == done);
        work.session().execute("SET GLOBAL read_only = 0");
    }
    work.check_end();
}

TEST_CASE("a run on a read-only server is refused with exit 2 at its start, and left with exit 4 in its midst") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(dsn_with_user(server.dsn(), create_worker_account(work.session())), by_batch, held_back);
    work.reach(dice.between(1, 5000));
    work.session().execute("SET GLOBAL read_only = 1");
    CHECK(work.process().wait_for_output("waiting_for\":\"reconnecting"));
    terminate_twice(work.process());
    CHECK(work.process().wait().how() == "exit 4");
    const Finished refused = work.trial().run();
    CHECK(refused.how() == "exit 2");
    CHECK(refused.errors.find("read-only") != std::string::npos);
    work.session().execute("SET GLOBAL read_only = 0");
    CHECK(state_of(work) == "interrupted");
    CHECK(work.trial().run({"--rate", "0"}).how() == "exit 0");
    check_exactly_once(work.trial(), work.field());
}

TEST_CASE("connections of three processes that are killed at random are made again") {
    Dice dice{chaos_seed()};
    MariaDb server;
    WorkedField work{server, dice, rows};
    work.start(server.dsn(), by_batch, "rate = 1000\nreconnect_for = \"60s\"\n");
    work.reach(1);
    work.start_again({"--join"});
    work.start_again({"--join"});
    REQUIRE(eventually([&] { return work.trial().status().at("workers").as_array().size() == 3; }));
    unsigned kills = 0;
    while (work.field().done() < rows - 1000) {
        const db::ResultSet others = work.session().query(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()");
        if (!others.empty()) {
            try {
                work.session().execute((dice.chance(0.3) ? "KILL QUERY " : "KILL CONNECTION ") +
                                       others.text(dice.between(0, others.rows.size() - 1), 0));
                ++kills;
            } catch (const Error&) {
                // It has gone by itself.
            }
        }
        const std::uint64_t seen = work.field().done();
        REQUIRE(eventually([&] { return work.field().done() >= std::min(rows - 1000, seen + 200); }));
    }
    CHECK(kills >= 10);
    work.check_end();
}
