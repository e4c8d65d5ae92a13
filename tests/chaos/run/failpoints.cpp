#include "engine/failpoint.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 3000;

/// Kills the program at the failpoint again and again, each time a little later. How often it was passed.
unsigned kill_at(const Trial& trial, std::string_view name, Dice& dice, const std::vector<std::string>& flags = {}) {
    unsigned kills = 0;
    for (const std::uint64_t passing : {std::uint64_t{1}, dice.between(2, 5), dice.between(6, 25)}) {
        const Finished finished = trial.run(flags, std::string{name} + ":" + std::to_string(passing));
        INFO(finished.errors);
        if (!finished.signal) {
            CHECK(finished.how() == "exit 0");
            break;
        }
        CHECK(finished.how() == "signal 9");
        ++kills;
    }
    return kills;
}

void complete(const Trial& trial) {
    const Finished finished = trial.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
}

}  // namespace

TEST_CASE("a SIGKILL at any failpoint loses no row and repeats none, whatever the form of the statement") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    for (const Form& form : forms()) {
        Trial trial{schema.dsn(), schema.store_name(), job_over_field(form.statement)};
        for (const std::string_view name : engine::failpoints) {
            if (name == "checkpoint-written") continue;  // of actions without a transaction
            CAPTURE(form.name);
            CAPTURE(name);
            field.sow(rows);
            // Slowly enough for readers to be idle while others are still at work.
            const bool is_at_tail = name == "sack-split";
            CHECK(kill_at(trial, name, dice, is_at_tail ? std::vector<std::string>{"--rate", "600"} : std::vector<std::string>{}) >= 1);
            // Where the last failpoint was never reached, the run has succeeded, and another would begin.
            if (trial.status().at("state").as_string() != "succeeded") complete(trial);
            check_exactly_once(trial, field);
        }
    }
}

TEST_CASE("a SIGKILL at any failpoint that a run which only reads passes leaves every row counted once") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    const Trial trial{schema.dsn(), schema.store_name(), reading_job()};
    for (const std::string_view name : {"run-created", "sacks-planned", "sack-claimed", "page-read",
                                        "checkpoint-written", "sack-done", "before-close"}) {
        CAPTURE(name);
        field.sow(rows);
        CHECK(kill_at(trial, name, dice) >= 1);
        if (trial.status().at("state").as_string() != "succeeded") complete(trial);
        const auto status = trial.status();
        CHECK(status.at("state").as_string() == "succeeded");
        CHECK(status.at("settled").to_number<std::uint64_t>() == rows);
    }
}
