// One process sleeps in the middle of its work for longer than its lease; another goes on.

#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <map>

using namespace rowmill;
using namespace rowmill::test;

namespace {

struct Sleep {
    explicit Sleep(std::uint64_t rows) { field.sow(rows); }

    std::string workers() const { return "`" + schema.store_name() + "`.`workers`"; }
    std::string sacks(const std::string& what, const std::string& where) {
        return schema.scalar("SELECT " + what + " FROM `" + schema.store_name() + "`.`sacks` WHERE " + where);
    }
    std::string worker_of(const Process& process) {
        return schema.scalar("SELECT id FROM " + workers() + " WHERE pid = " + std::to_string(process.pid()));
    }
    bool is_listed(const std::string& worker) {
        return schema.scalar("SELECT COUNT(*) FROM " + workers() + " WHERE id = " + worker) == "1";
    }

    Dice dice{chaos_seed()};
    mutable Schema schema;
    Field field{schema.session(), dice};
};

}  // namespace

TEST_CASE("the transaction of a process that sleeps is ended with its lease, and who takes its sack over waits for no lock") {
    constexpr std::uint64_t rows = 3000;
    Sleep sleep{rows};
    // Row locks are waited for longer than the test would go on; a batch is nearly always open.
    const Trial trial{sleep.schema.dsn(), sleep.schema.store_name(),
                      "[job]\nname = \"sleep\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"sql\"\nstatement = "
                      "\"UPDATE t SET n = n + 1 + 0 * SLEEP(0.005) WHERE :batch\"\n[session]\ninnodb_lock_wait_timeout = \"600s\"\n"
                      "lock_wait_timeout = \"600s\"\n[run]\nworkers = 1\nbatch = 100\ntarget_time = \"0\"\nlease = \"2s\"\n"};
    const auto sleeper = trial.start();
    REQUIRE(eventually([&] { return sleep.field.done() > 0 || has_ended(*sleeper); }));
    const std::string worker = sleep.worker_of(*sleeper);
    const auto other = trial.start({"--join"});
    REQUIRE(eventually([&] { return sleep.schema.scalar("SELECT COUNT(*) FROM " + sleep.workers()) == "2"; }));
    const auto open = [&] {
        return sleep.schema.scalar("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE t SET n%' AND FIND_IN_SET(id, "
                                   "(SELECT connection_ids FROM " + sleep.workers() + " WHERE id = " + worker + "))") == "1";
    };
    // Asleep in the middle of a statement: its transaction stays open, and its rows locked.
    REQUIRE(eventually([&] {
        if (!open()) return false;
        suspend(sleeper->pid());
        if (open()) return true;
        sleeper->send_signal(SIGCONT);
        return false;
    }));
    REQUIRE(eventually([&] { return !sleep.is_listed(worker); }));
    const std::uint64_t then = sleep.field.done();
    REQUIRE(eventually([&] { return sleep.field.done() >= std::min(rows, then + 200) || has_ended(*other); }));
    sleeper->send_signal(SIGCONT);
    const Finished woken = sleeper->wait();
    INFO(woken.errors);
    CHECK(woken.how() == "exit 4");
    CHECK(woken.errors.find("declared dead") != std::string::npos);
    const Finished finished = other->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(sleep.field.faults() == "0 missed, 0 repeated, of " + std::to_string(rows));
    CHECK(trial.status().at("state").as_string() == "succeeded");
}

TEST_CASE("a process that wakes up after its commands' rows were taken over records nothing of them, and leaves") {
    constexpr std::uint64_t rows = 600;
    Sleep sleep{rows};
    const Trial trial{sleep.schema.dsn(), sleep.schema.store_name(), {}};
    const std::string file = trial.folder() + "/done";
    trial.set_job("[job]\nname = \"sleep\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = "
                  "[\"/bin/sh\", \"-c\", \"sleep 0.05; echo $ROWMILL_KEY >> " + file + "\"]\n[run]\nworkers = 1\nconcurrency = 4\n"
                  "lease = \"2s\"\n");
    const auto lines = [&] {
        std::map<std::string, unsigned> times;
        std::ifstream text{file};
        for (std::string line; std::getline(text, line);) ++times[line];
        return times;
    };
    const auto sleeper = trial.start();
    REQUIRE(eventually([&] { return lines().size() > 20 || has_ended(*sleeper); }));
    const std::string worker = sleep.worker_of(*sleeper);
    suspend(sleeper->pid());
    const auto other = trial.start({"--join"});
    REQUIRE(eventually([&] { return !sleep.is_listed(worker); }));
    const std::string of_others = "worker_id IS NOT NULL AND worker_id <> " + worker;
    REQUIRE(eventually([&] { return sleep.sacks("COUNT(*)", of_others) != "0" || has_ended(*other); }));
    sleeper->send_signal(SIGCONT);
    const Finished woken = sleeper->wait();
    INFO(woken.errors);
    CHECK(woken.how() == "exit 4");
    CHECK(woken.errors.find("declared dead") != std::string::npos);
    const Finished finished = other->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    const auto times = lines();
    CHECK(times.size() == rows);
    std::uint64_t repeated = 0;
    for (const auto& [key, count] : times) repeated += count - 1;
    MESSAGE(repeated << " rows were done again");
    CHECK(trial.status().at("settled").to_number<std::uint64_t>() == rows);
}
