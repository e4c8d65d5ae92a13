#include "../../support/fakes.hpp"

#include "engine/backoff.hpp"
#include "engine/batch_size.hpp"
#include "engine/counters.hpp"
#include "engine/failpoint.hpp"
#include "engine/limits.hpp"
#include "engine/stopping.hpp"
#include "engine/waits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

TEST_CASE("a backoff doubles its ceiling up to the cap, for any number of attempts") {
    const Backoff backoff{100ms, 30s};
    CHECK(backoff.ceiling(1) == 100ms);
    CHECK(backoff.ceiling(2) == 200ms);
    CHECK(backoff.ceiling(9) == 25600ms);
    CHECK(backoff.ceiling(10) == 30s);
    CHECK(backoff.ceiling(4'000'000'000U) == 30s);
}

TEST_CASE("a backoff draws from the whole of its range, both ends included") {
    const Backoff backoff{10ms, 40ms};
    Dice dice{1};
    std::set<Duration> drawn;
    for (int i = 0; i < 1000; ++i) drawn.insert(backoff.wait(2, dice.bits()));
    CHECK(*drawn.begin() == 0ms);
    CHECK(*drawn.rbegin() == 20ms);
    CHECK(drawn.size() == 21);
}

TEST_CASE("a failure limit in numbers is exceeded by the first one past it") {
    const FailureLimit limit{.number = 3};
    CHECK_FALSE(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 3}));
    CHECK(limit.exceeded({.succeeded = 1'000'000, .skipped = 0, .failed = 4}));
    CHECK(FailureLimit{.number = 0}.exceeded({.succeeded = 0, .skipped = 0, .failed = 1}));
}

TEST_CASE("a failure limit as a share is not judged before enough were tried") {
    const FailureLimit limit{.number = {}, .share = 0.01, .min_tried = 1000};
    CHECK_FALSE(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 999}));
    CHECK(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 1000}));
    CHECK_FALSE(limit.exceeded({.succeeded = 980, .skipped = 10, .failed = 10}));
    CHECK(limit.exceeded({.succeeded = 979, .skipped = 10, .failed = 11}));
}

TEST_CASE("of a finished run too small for a share only a failure of all is too much") {
    const FailureLimit limit{.number = {}, .share = 0.01, .min_tried = 1000};
    CHECK_FALSE(limit.exceeded({.succeeded = 1, .skipped = 0, .failed = 5}, true));
    CHECK(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 5}, true));
    CHECK_FALSE(limit.exceeded({}, true));
}

TEST_CASE("where all rows may fail, no number of them fails the run") {
    const FailureLimit limit{.number = {}, .share = 1, .min_tried = 1000};
    CHECK_FALSE(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 6}, true));
    CHECK_FALSE(limit.exceeded({.succeeded = 0, .skipped = 0, .failed = 6000}, true));
}

TEST_CASE("within any time no more items begin than the rate allows, a second's worth and one batch aside") {
    for_each_seed(100, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const double rate = static_cast<double>(dice.between(1, 1000));
        const std::uint64_t batch = dice.between(1, 200);
        RateLimit limit{rate};
        TimePoint now{1000s};
        std::vector<TimePoint> begun;
        for (int i = 0; i < 40; ++i) {
            if (dice.chance(0.1)) now += Duration{dice.between(0, 5000)};
            now = limit.take(batch, now).begin;
            begun.push_back(now);
        }
        for (std::size_t i = 0; i < begun.size(); ++i) {
            for (std::size_t j = i + 1; j < begun.size(); ++j) {
                const double seconds = std::chrono::duration<double>(begun[j] - begun[i]).count();
                const double items = static_cast<double>((j - i + 1) * batch);
                REQUIRE(items <= rate * (seconds + 1) + static_cast<double>(batch) + 0.001);
            }
        }
    });
}

TEST_CASE("a rate of 0 limits nothing") {
    RateLimit limit{0};
    CHECK_FALSE(limit.is_limited());
    CHECK(limit.take(1'000'000, TimePoint{5s}).begin == TimePoint{5s});
}

TEST_CASE("a rate that is next to nothing lets the first through, and the next one as good as never") {
    RateLimit limit{1e-30};
    const TimePoint now{5s};
    CHECK(limit.take(1, now).begin == now);
    CHECK(limit.take(1, now).begin > now + 24h);
    CHECK(limit.take(1, now).begin > now + 24h);
}

TEST_CASE("a budget hands out what is left, and takes back what was not needed") {
    Budget budget{10};
    CHECK(budget.take(7) == 7);
    CHECK(budget.take(7) == 3);
    budget.give_back(0);
    budget.give_back(2);
    CHECK_FALSE(budget.is_spent());
    CHECK(budget.take(5) == 2);
    budget.give_back(0);
    CHECK(budget.is_spent());
    CHECK(budget.take(1) == 0);
}

TEST_CASE("a budget is not spent while somebody may still give some of it back") {
    Budget budget{10};
    CHECK(budget.take(10) == 10);
    CHECK_FALSE(budget.is_spent());
    std::uint64_t taken = 0;
    {
        std::jthread other{[&] { taken = budget.take(10); }};
        budget.give_back(4);
    }
    CHECK(taken == 4);
}

TEST_CASE("without a limit the budget is never spent") {
    Budget budget{std::nullopt};
    CHECK(budget.take(1'000'000) == 1'000'000);
    CHECK_FALSE(budget.is_spent());
}

TEST_CASE("the reason shown is the one that has been waited for the longest") {
    FakeClock clock;
    Waits waits{clock};
    CHECK(waits.present().empty());
    {
        const Waits::Scope first{waits, "reconnect", "the server is gone"};
        clock.advance(2s);
        {
            const Waits::Scope second{waits, "rate", "the rate is limited"};
            clock.advance(3s);
            CHECK(waits.present() == "the server is gone");
            CHECK(waits.seconds().at("rate") == doctest::Approx(3));
        }
        CHECK(waits.seconds().at("reconnect") == doctest::Approx(5));
    }
    clock.advance(10s);
    CHECK(waits.present().empty());
    CHECK(waits.seconds().at("reconnect") == doctest::Approx(5));
    CHECK(waits.seconds().at("rate") == doctest::Approx(3));
}

TEST_CASE("several that wait for the same kind of reason at once count as one by the clock") {
    FakeClock clock;
    Waits waits{clock};
    {
        const Waits::Scope first{waits, "rate", "the rate is limited"};
        clock.advance(1s);
        const Waits::Scope second{waits, "rate", "the rate is limited"};
        clock.advance(1s);
    }
    CHECK(waits.seconds().at("rate") == doctest::Approx(2));
}

TEST_CASE("counters lose nothing when many threads add to them") {
    Counters counters;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 12; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) counters.add({.succeeded = 1, .skipped = 2, .failed = 3});
            });
    }
    CHECK(counters.tally() == Tally{12000, 24000, 36000});
}

TEST_CASE("a stopwatch adds the time of its life") {
    FakeClock clock;
    ShardedCounter counter;
    {
        const Stopwatch stopwatch{clock, counter};
        clock.advance(1500us);
        CHECK(stopwatch.elapsed() == 1500us);
        CHECK(counter.sum() == 0);
    }
    CHECK(counter.sum() == 1500);
}

TEST_CASE("the first reason to stop is kept, and dropping drains too") {
    Stopping stopping;
    CHECK(stopping.why().empty());
    stopping.drain("SIGTERM");
    CHECK(stopping.is_draining());
    CHECK_FALSE(stopping.is_dropping());
    stopping.drop("SIGTERM again");
    CHECK(stopping.is_dropping());
    CHECK(stopping.why() == "SIGTERM");
    Stopping dropped;
    dropped.drop("at once");
    CHECK(dropped.is_draining());
}

TEST_CASE("waiting on the real clock ends early once stop is requested") {
    SteadyClock clock;
    std::stop_source stop;
    bool in_time = true;
    std::jthread waiter{[&] { in_time = clock.wait_until(clock.now() + 1h, stop.get_token()); }};
    stop.request_stop();
    waiter.join();
    CHECK_FALSE(in_time);
    CHECK(clock.wait_until(clock.now() - 1s, {}));
}

TEST_CASE("only names of the list are failpoints") {
    static_assert(is_failpoint("before-commit"));
    static_assert(!is_failpoint("before-comit"));
    CHECK(std::equal(failpoint_names().begin(), failpoint_names().end(), std::begin(failpoints), std::end(failpoints)));
}

TEST_CASE("settling counts each item once, and keeps the failed ones with their key") {
    const Batch batch{
        .origin = 7, .count = 5, .after = {}, .upto = position(9), .items = items_of({1, 3, 5, 7, 9}), .attempt = 4};
    const Settlement settlement =
        settle(batch, {.skipped = 1, .named = {{1, skip("gone")}, {3, failure("bad", "1062")}}, .counted = {}});
    CHECK(settlement.tally == Tally{2, 2, 1});
    CHECK(settlement.origin == 7);
    CHECK(settlement.low == position(9));
    REQUIRE(settlement.dead_letters.size() == 1);
    CHECK(settlement.dead_letters[0].key == position(7));
    CHECK(settlement.dead_letters[0].attempts == 4);
    CHECK(settlement.dead_letters[0].error_class == "1062");
}

TEST_CASE("an outcome for items that the batch does not have is refused") {
    const Batch batch{.count = 2, .after = {}, .upto = position(2), .items = items_of({1, 2})};
    CHECK_THROWS_AS(settle(batch, {.skipped = 0, .named = {{2, failure("bad")}}, .counted = {}}), Error);
    CHECK_THROWS_AS(settle(batch, {.skipped = 3, .named = {}, .counted = {}}), Error);
    CHECK_THROWS_AS(settle(batch, {.skipped = 1, .named = {{0, skip()}, {1, skip()}}, .counted = {}}), Error);
}

TEST_CASE("a slice lies in its own stretch, and slices put together are the batch") {
    const Batch batch{.origin = 1,
                      .first_seq = 100,
                      .count = 4,
                      .after = position(0),
                      .upto = position(9),
                      .items = items_of({2, 4, 6, 8})};
    const Batch first = slice(batch, 0, 1), middle = slice(batch, 1, 2), last = slice(batch, 3, 1);
    CHECK(first.after == position(0));
    CHECK(first.upto == position(2));
    CHECK(middle.after == first.upto);
    CHECK(middle.upto == position(6));
    CHECK(middle.first_seq == 101);
    CHECK(middle.items[1].key() == position(6));
    CHECK(last.after == middle.upto);
    CHECK(last.upto == position(9));
    CHECK(last.has_items());
}
