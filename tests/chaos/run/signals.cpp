#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 12000;
/// The longest that a busy machine may take for what should be done at once.
constexpr std::chrono::seconds at_once{10};

std::string state_of(const Trial& trial) {
    return std::string{trial.status().at("state").as_string()};
}

std::string id_in_the_middle(Schema& schema) {
    return schema.scalar("SELECT id FROM t ORDER BY id LIMIT 1 OFFSET 5000");
}

/// Waits for the end, which must come at once, with exit 4 and a run that can be resumed.
void check_stopped(const Trial& trial, Process& process) {
    const Finished finished = process.wait(at_once);
    INFO(finished.errors);
    CHECK(finished.how() == "exit 4");
    CHECK(state_of(trial) == "interrupted");
}

void check_resumes(const Trial& trial, Field& field) {
    const Finished finished = trial.run({"--rate", "0"});
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    check_exactly_once(trial, field);
}

}  // namespace

TEST_CASE("the first SIGTERM finishes what is in flight and leaves a run that goes on later") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        field.sow(rows);
        const Trial trial{schema.dsn(), schema.store_name(), job_over_field(form.statement, "rate = 2000\n")};
        for (const int signal : {SIGTERM, SIGINT}) {
            const std::uint64_t before = field.done();
            const auto process = trial.start();
            REQUIRE(eventually([&] { return field.done() > before || has_ended(*process); }));
            process->send_signal(signal);
            check_stopped(trial, *process);
            // All that was changed is recorded: a drain leaves no batch half done.
            CHECK(trial.status().at("settled").to_number<std::uint64_t>() == field.done());
        }
        check_resumes(trial, field);
    }
}

TEST_CASE("the second SIGTERM leaves at once while another session holds a row, and the run goes on later") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    db::Session holder{schema.endpoint(), {}};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        field.sow(rows);
        const std::string job = job_over_field(form.statement);
        Trial trial{schema.dsn(), schema.store_name(), job};
        const auto wait = job.find("innodb_lock_wait_timeout = \"1s\"");
        trial.set_job(std::string{job}.replace(wait, 31, "innodb_lock_wait_timeout = \"100s\""));
        holder.execute("BEGIN");
        holder.query("SELECT n FROM t WHERE id = " + id_in_the_middle(schema) + " FOR UPDATE");
        const auto process = trial.start();
        // The other workers come to the end; one waits for the lock.
        REQUIRE(eventually([&] { return field.done() >= rows - 300 || has_ended(*process); }));
        terminate_twice(*process);
        check_stopped(trial, *process);
        holder.execute("ROLLBACK");
        trial.set_job(job);
        CHECK(trial.run({"--accept-changes"}).how() == "exit 0");
        check_exactly_once(trial, field);
    }
}

TEST_CASE("the second SIGTERM leaves at once while a statement sleeps, and the run goes on later") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    field.sow(rows);
    schema.execute("CREATE TABLE slow (id INT PRIMARY KEY, seconds INT NOT NULL)");
    schema.execute("INSERT INTO slow VALUES (1, 100)");
    const std::string id = id_in_the_middle(schema);
    const Trial trial{schema.dsn(), schema.store_name(),
                      job_over_field("UPDATE t SET n = n + 1 + IF(id = " + id +
                                     ", SLEEP((SELECT seconds FROM slow)), 0) WHERE :batch")};
    const auto process = trial.start();
    const auto sleeps = [&] {
        return schema.scalar(
                   "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep' AND db = "
                   "DATABASE()") != "0";
    };
    REQUIRE(eventually([&] { return sleeps() || has_ended(*process); }));
    terminate_twice(*process);
    check_stopped(trial, *process);
    schema.execute("UPDATE slow SET seconds = 0");
    check_resumes(trial, field);
}
