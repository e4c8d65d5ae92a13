#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;

std::string leases_that_ran_out(const Schema& schema) {
    return "SELECT COUNT(*) FROM `" + schema.store_name() + "`.`workers` WHERE `lease_expires_at` < UTC_TIMESTAMP(6)";
}

}  // namespace

TEST_CASE("a process that slept longer than its lease goes on with its own sacks, and no row is missed or repeated") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    field.sow(rows);
    const Trial trial{schema.dsn(), schema.store_name(),
                      job_over_field("UPDATE t SET n = n + 1 WHERE :batch", "rate = 4000\nlease = \"2s\"\n")};
    const auto process = trial.start();
    REQUIRE(eventually([&] { return field.done() > 0 || has_ended(*process); }));
    suspend(process->pid());
    REQUIRE(eventually([&] { return schema.scalar(leases_that_ran_out(schema)) == "1"; }));
    process->send_signal(SIGCONT);
    const Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    check_exactly_once(trial, field);
}

TEST_CASE("sessions made anew wait for the server that holds the run, and never work on another") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    const std::string runs = "`" + schema.store_name() + "`.`runs`";
    for (const std::string statement : {"UPDATE t SET n = n + 1 WHERE :batch", "UPDATE t SET n = n + 1 WHERE :range"}) {
        CAPTURE(statement);
        field.sow(rows);
        const Trial trial{schema.dsn(), schema.store_name(), job_over_field(statement, "rate = 4000\n")};
        const auto process = trial.start();
        REQUIRE(eventually([&] { return field.done() > 0 || has_ended(*process); }));
        // A run of the same number that is not this run: what another server, or an older copy, would hold.
        schema.execute("UPDATE " + runs + " SET token = REVERSE(token)");
        const std::string others =
            "SELECT COALESCE(MAX(id), 0) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        // All of them, until none of those that were there before is left and the program says why it waits.
        REQUIRE(eventually([&] {
            const std::string id = schema.scalar(others);
            if (id != "0") {
                try {
                    schema.execute("KILL CONNECTION " + id);
                } catch (const Error&) {
                    // it has gone by itself
                }
            }
            return process->errors().find("does not hold run") != std::string::npos;
        }));
        schema.execute("UPDATE " + runs + " SET token = REVERSE(token)");
        const Finished finished = process->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        check_exactly_once(trial, field);
    }
}
