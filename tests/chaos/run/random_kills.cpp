#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 12000;
constexpr unsigned kills_a_form = 10;

/// Lets the program run until it has changed something (or, now and then, not even so long) and a moment more. False
/// where it came to its end before.
bool killed_at_random(const Trial& trial, Field& field, Dice& dice) {
    const std::uint64_t before = field.done();
    const auto process = trial.start();
    if (dice.chance(0.8)) (void)eventually([&] { return has_ended(*process) || field.done() > before; });
    const auto instant = std::chrono::steady_clock::now() + std::chrono::microseconds{dice.between(0, 60'000)};
    (void)eventually([&] { return std::chrono::steady_clock::now() >= instant; });
    process->kill();
    const Finished finished = process->wait();
    INFO(finished.errors);
    CHECK((finished.signal == SIGKILL || finished.exit_code == 0));
    return finished.signal == SIGKILL;
}

}  // namespace

TEST_CASE("SIGKILLs at random instants lose no row and repeat none") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    unsigned kills = 0;
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        // Held back, so that there is something left to kill.
        const Trial trial{schema.dsn(), schema.store_name(), job_over_field(form.statement, "rate = 8000\n")};
        unsigned kills_here = 0;
        while (kills_here < kills_a_form) {
            field.sow(rows);
            while (kills_here < kills_a_form && killed_at_random(trial, field, dice)) ++kills_here;
            if (field.done() < rows) CHECK(trial.run({"--rate", "0"}).how() == "exit 0");
            if (trial.status().at("state").as_string() != "succeeded") CHECK(trial.run().how() == "exit 0");
            check_exactly_once(trial, field);
        }
        kills += kills_here;
    }
    CHECK(kills >= 40);
}
