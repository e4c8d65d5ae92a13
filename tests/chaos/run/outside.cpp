// Work outside of the database: at least once, and how much more at the most.

#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/mariadb.hpp"
#include "support/marked.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <set>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr unsigned concurrency = 8, checkpoint_items = 50;

/// A job whose command writes each row's key into a file.
std::string recording_job(const std::string& file, const std::string& before = {}) {
    return "[job]\nname = \"outside\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\n"
           "command = [\"/bin/sh\", \"-c\", \"" +
           before + "echo $ROWMILL_KEY >> " + file + "\"]\n[run]\nworkers = 3\nsack_rows = 300\nconcurrency = " +
           std::to_string(concurrency) + "\ncheckpoint_items = " + std::to_string(checkpoint_items) +
           "\nbackoff = \"10ms..100ms\"\n";
}

std::map<std::string, unsigned> recorded(const std::string& file) {
    std::map<std::string, unsigned> times;
    std::ifstream lines{file};
    for (std::string line; std::getline(lines, line);) ++times[line];
    return times;
}

std::uint64_t settled(const Trial& trial) {
    return trial.status().at("settled").to_number<std::uint64_t>();
}

}  // namespace

// Alone: how much is done while a checkpoint is on its way is a matter of the server's time.
TEST_CASE("30 SIGKILLs while commands work leave nothing out, and repeat no more than was not yet recorded" *
          doctest::test_suite("alone")) {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    constexpr std::uint64_t rows = 9000;
    field.sow(rows);
    Trial trial{schema.dsn(), schema.store_name(), {}};
    const std::string file = trial.folder() + "/done";
    trial.set_job(recording_job(file));
    const Mark mark;
    trial.set_variable(Mark::name(), mark.value());
    std::uint64_t may_repeat = 0, most_at_once = 0;
    unsigned kills = 0;
    while (kills < 30) {
        const std::size_t before = recorded(file).size();
        const auto process = trial.start({"--progress", "none"});
        const std::size_t wanted = before + dice.between(1, 250);
        if (!eventually([&] { return has_ended(*process) || recorded(file).size() >= wanted; })) break;
        process->kill();
        if (process->wait().signal != SIGKILL) break;
        ++kills;
        REQUIRE(eventually([&] { return mark.processes().empty(); }));
        const std::uint64_t unrecorded = recorded(file).size() - settled(trial);
        may_repeat += unrecorded;
        most_at_once = std::max(most_at_once, unrecorded);
    }
    CHECK(kills == 30);
    const Finished finished = trial.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    std::uint64_t repeated = 0;
    const auto times = recorded(file);
    for (const auto& [key, count] : times) repeated += count - 1;
    MESSAGE(kills << " kills: " << repeated << " repeats, where " << may_repeat << " rows in all, and " << most_at_once
                  << " at once, were done and not yet recorded");
    CHECK(times.size() == rows);
    CHECK(settled(trial) == rows);
    // In flight, in the next checkpoint, and in the one that was being written.
    CHECK(most_at_once <= 2 * checkpoint_items + 2 * concurrency);
    CHECK(repeated <= may_repeat);
}

TEST_CASE("no process is left behind, whether rowmill is told to leave or killed, grandchildren of all kinds included") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    field.sow(100);
    for (const bool is_killed : {true, false}) {
        CAPTURE(is_killed);
        Trial trial{schema.dsn(), schema.store_name(), {}};
        const Mark mark;
        trial.set_variable(Mark::name(), mark.value());
        const std::string file = trial.folder() + "/begun";
        // A child in its group, one that leads a session of its own, and one that ignores being asked.
        std::string job = recording_job(file, "trap '' TERM; sleep 1000 & setsid sleep 1000 & ");
        job.replace(job.find(" >> " + file), 4 + file.size(), " >> " + file + "; sleep 1000");
        trial.set_job(job);
        const auto process = trial.start({"--restart", "--yes"});
        REQUIRE(eventually([&] { return recorded(file).size() >= concurrency; }));
        if (is_killed) {
            process->kill();
        } else {
            process->send_signal(SIGTERM);
            REQUIRE(process->wait_for_output("finishing what is in flight"));
            process->send_signal(SIGTERM);
        }
        const Finished finished = process->wait();
        CHECK(finished.how() == (is_killed ? "signal 9" : "exit 4"));
        CHECK(eventually([&] { return mark.processes().empty(); }));
    }
}

TEST_CASE("a server that is away while commands finish is told of them when it is back") {
    Dice dice{chaos_seed()};
    MariaDb server;
    db::Session setup{server.endpoint(), {}};
    setup.execute("CREATE DATABASE shop");
    setup.execute("USE shop");
    Field field{setup, dice};
    field.sow(2000);
    Trial trial{dsn_with_database(server.dsn(), "shop"), "store", {}};
    const std::string file = trial.folder() + "/done";
    trial.set_job(recording_job(file));
    const auto process = trial.start();
    for (int restarts = 0; restarts < 3; ++restarts) {
        const std::size_t wanted = recorded(file).size() + 200;
        REQUIRE(eventually([&] { return has_ended(*process) || recorded(file).size() >= wanted; }));
        server.kill();
        server.start();
    }
    const Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    const auto times = recorded(file);
    CHECK(times.size() == 2000);
    std::uint64_t repeated = 0;
    for (const auto& [key, count] : times) repeated += count - 1;
    MESSAGE(repeated << " rows were done more than once");
    CHECK(repeated == 0);
    CHECK(settled(trial) == 2000);
}
