#include "shared_run.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

constexpr Troubles all_troubles{.crash = 0.01, .sleep = 0.02, .no_answer = 0.3};

/// Every stretch of the table is in exactly one sack, and the plan's rows are the table's.
void check_sacks(const FakeStore& store, const FakeRows& rows) {
    auto sacks = store.sacks();
    std::ranges::sort(sacks, {}, [](const auto& sack) { return FakeRows::id_of(sack.upto, 0); });
    Key after;
    std::uint64_t planned = 0, settled = 0;
    for (const auto& sack : sacks) {
        CHECK(sack.after == after);
        CHECK(sack.low == sack.upto);
        after = sack.upto;
        planned += sack.rows;
        settled += sack.tally.settled();
    }
    if (!rows.ids.empty()) CHECK(after == key_of(*rows.ids.rbegin()));
    CHECK(planned == rows.ids.size());
    CHECK(settled == rows.ids.size());
}

struct Played {
    std::uint64_t splits = 0, repeats = 0, schedules = 0;
};

/// Plays a schedule to its end, and checks what must hold whatever happened in it.
void play(std::uint64_t seed, bool transacted, const Troubles& troubles, Played& played) {
    CAPTURE(seed);  // ROWMILL_SEED replays it
    Dice dice{seed};
    const FakeRows rows = FakeRows::any(dice);
    SharedRun shared{dice, rows, transacted, troubles};
    const std::uint64_t trouble_ends = dice.between(50, 600);
    std::uint64_t steps = 0;
    constexpr std::uint64_t too_many = 50000;
    for (; !shared.is_over() && steps < too_many; ++steps) {
        if (steps == trouble_ends) shared.calm_down();
        if (dice.chance(0.01) && steps < trouble_ends) shared.add_process();
        shared.step();
    }
    REQUIRE(steps < too_many);
    std::uint64_t repeats = 0;
    for (const std::int64_t row : rows.ids) {
        const unsigned times = shared.times_done(row);
        CHECK(times >= 1);
        repeats += times - std::min(times, 1U);
    }
    CHECK(repeats <= shared.unrecorded());
    if (transacted) CHECK(repeats == 0);
    check_sacks(shared.store(), rows);
    played.splits += shared.splits();
    played.repeats += repeats;
    ++played.schedules;
}

store::OpenSacks open_sacks(std::uint64_t pending, std::uint64_t running, bool walk_done) {
    store::OpenSacks open;
    open.pending = pending;
    open.running = running;
    open.walk_done = walk_done;
    return open;
}

}  // namespace

TEST_CASE("work and checkpoint in one transaction: split, stolen, crashed or asleep, each row is done exactly once") {
    Played played;
    for_each_seed(3000, [&](std::uint64_t seed) { play(seed, true, all_troubles, played); });
    MESSAGE(played.schedules << " schedules from seed 1 on, " << played.splits << " splits");
    if (played.schedules > 100) CHECK(2 * played.splits > played.schedules);
}

TEST_CASE("work outside of the checkpoint: no row is left out, and only what was not recorded is repeated") {
    Played played;
    for_each_seed(3000, [&](std::uint64_t seed) { play(seed, false, all_troubles, played); });
    MESSAGE(played.schedules << " schedules from seed 1 on, " << played.splits << " splits, " << played.repeats << " repeats");
    if (played.schedules > 100) {
        CHECK(2 * played.splits > played.schedules);
        CHECK(played.repeats > 0);
    }
}

TEST_CASE("where nothing goes wrong, no row is done twice, however its sack was split") {
    Played played;
    for_each_seed(2000, [&](std::uint64_t seed) { play(seed, false, {}, played); });
    CHECK(played.repeats == 0);
}

TEST_CASE("a sack is split as long as two pages are left of it") {
    CHECK(run::worth_splitting(500, 50000).least == 1000);
    CHECK(run::worth_splitting(0, 50000).least == 2);
    CHECK(run::worth_splitting(500, 50000).most == 100000);
    CHECK(run::worth_splitting(500, 100).most == 2000);
}

TEST_CASE("two halves have as many rows as the sack was planned with") {
    const auto check = [](run::Shares shares, std::uint64_t below, std::uint64_t above) {
        CHECK(shares.below == below);
        CHECK(shares.above == above);
    };
    check(run::share_rows(100, 40, 60, 30, true), 70, 30);
    // A filter hid most of what was passed by.
    check(run::share_rows(100, 3, 60, 30, true), 70, 30);
    // More than were counted may be left.
    check(run::share_rows(1000, 100, 200, 100, false), 200, 800);
    // Rows came in since.
    check(run::share_rows(10, 8, 100, 50, true), 0, 10);
    check(run::share_rows(0, 40, 60, 30, true), 0, 0);
}

TEST_CASE("an idle reader claims, waits for the plan, shares or leaves, in this order") {
    CHECK(run::next_for_idle(open_sacks(1, 1, false)) == run::Next::claim);
    CHECK(run::next_for_idle(open_sacks(0, 1, false)) == run::Next::wait);
    CHECK(run::next_for_idle(open_sacks(0, 0, false)) == run::Next::wait);
    CHECK(run::next_for_idle(open_sacks(0, 1, true)) == run::Next::share);
    CHECK(run::next_for_idle(open_sacks(0, 0, true)) == run::Next::leave);
}

TEST_CASE("the worker that is there the longest plans for all, and any other one where nothing came of it for two seconds") {
    auto open = open_sacks(0, 0, false);
    open.first_worker = 3;
    CHECK(run::may_plan(open, 3, 0ms));
    CHECK_FALSE(run::may_plan(open, 4, 1999ms));
    CHECK(run::may_plan(open, 4, 2000ms));
    open.pending = 1;
    CHECK_FALSE(run::may_plan(open, 4, 1h));
    CHECK(run::may_plan(open, 3, 0ms));
    open.pending = run::planned_ahead;
    CHECK_FALSE(run::may_plan(open, 3, 0ms));
    open.pending = 0;
    open.first_worker = 0;
    CHECK(run::may_plan(open, 4, 0ms));
    open.walk_done = true;
    CHECK_FALSE(run::may_plan(open, 4, 1h));
}

TEST_CASE("after a lost COMMIT a split stands where the sack ends in its middle, and is nobody's business under another fence") {
    store::SackRecord now;
    now.fence = 4;
    now.upto = key_of(100);
    CHECK(run::split_stands(now, 4, key_of(50)) == false);
    CHECK_FALSE(run::split_stands(now, 3, key_of(50)));
    now.upto = key_of(50);
    CHECK(run::split_stands(now, 4, key_of(50)) == true);
}
