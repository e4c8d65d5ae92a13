#include "../../support/fakes.hpp"

#include "engine/work.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// Something changes at the second wait.
struct ChangingClock : FakeClock {
    bool wait_until(TimePoint when, std::stop_token stop) override {
        const bool waited = FakeClock::wait_until(when, stop);
        if (++waits == 2) change();
        return waited;
    }
    int waits = 0;
    std::function<void()> change;
};

/// What a run shares, without a run.
template <typename Clock = FakeClock>
struct Idle {
    explicit Idle(const Settings& settings) : work{settings, executor, clock, stopping, counters, waits} {}

    ManualExecutor executor{ManualExecutor::Posts::held};
    Clock clock;
    Stopping stopping;
    Counters counters;
    Waits waits{clock};
    Work work;
};

Settings with(const std::function<void(Settings&)>& change) {
    Settings settings;
    change(settings);
    return settings;
}

}  // namespace

TEST_CASE("a nice reader rests in proportion to its work, for a reason that is told") {
    Idle<> idle{with([](Settings& settings) { settings.nice = 0.5; })};
    const TimePoint before = idle.clock.now();
    CHECK(idle.work.rest(3s));
    CHECK(idle.clock.now() - before == 1500ms);
    CHECK(idle.waits.seconds().at("nice") == doctest::Approx(1.5));
}

TEST_CASE("a ratio beyond all measure rests as good as for ever") {
    Idle<> idle{with([](Settings& settings) { settings.nice = 1e30; })};
    const TimePoint before = idle.clock.now();
    CHECK(idle.work.rest(3s));
    CHECK(idle.clock.now() - before > 24h);
}

TEST_CASE("a reader that is not to be nice does not rest") {
    Idle<> idle{Settings{}};
    const TimePoint before = idle.clock.now();
    CHECK(idle.work.rest(1h));
    CHECK(idle.clock.now() == before);
    CHECK(idle.waits.seconds().empty());
}

TEST_CASE("who rests learns of a changed ratio soon, and of a stop at once") {
    Idle<ChangingClock> idle{with([](Settings& settings) { settings.nice = 10; })};
    const TimePoint before = idle.clock.now();
    idle.clock.change = [&] { idle.work.set_nice(0.1); };
    CHECK(idle.work.rest(1h));
    CHECK(idle.clock.now() - before < 10min);
    idle.clock.waits = 0;
    idle.clock.change = [&] { idle.stopping.drain("enough"); };
    CHECK_FALSE(idle.work.rest(1h));
    CHECK(idle.clock.waits <= 3);
}

TEST_CASE("who waits for its turn learns of a changed rate soon, and of a stop at once") {
    Idle<ChangingClock> idle{with([](Settings& settings) { settings.rate = 0.001; })};
    const TimePoint before = idle.clock.now();
    idle.clock.change = [&] { idle.work.set_rate(1000); };
    CHECK(idle.work.wait_for_turn(1));
    CHECK(idle.work.wait_for_turn(1));
    CHECK(idle.clock.now() - before < 1s);
    idle.work.set_rate(0.001);
    idle.clock.waits = 0;
    idle.clock.change = [&] { idle.work.set_rate(0); };
    CHECK(idle.work.wait_for_turn(1));
    CHECK(idle.work.wait_for_turn(1));
    CHECK(idle.clock.now() - before < 2s);
    idle.work.set_rate(0.001);
    idle.clock.waits = 0;
    idle.clock.change = [&] { idle.stopping.drain("enough"); };
    CHECK(idle.work.wait_for_turn(1));
    CHECK_FALSE(idle.work.wait_for_turn(1));
    CHECK(idle.clock.waits <= 3);
}

TEST_CASE("who waits for its turn tells of what holds the gate as soon as something does") {
    Idle<ChangingClock> idle{with([](Settings& settings) { settings.rate = 0.001; })};
    CHECK(idle.work.wait_for_turn(1));
    idle.clock.waits = 0;
    std::string told;
    std::jthread letting_go;
    idle.clock.change = [&] {
        idle.work.gate.hold("paused", "paused for a reason");
        letting_go = std::jthread{[&] {
            const auto limit = std::chrono::steady_clock::now() + 10s;
            while (idle.waits.present() != "paused for a reason" && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
            told = idle.waits.present();
            idle.work.gate.let_go("paused");
        }};
    };
    const TimePoint before = idle.clock.now();
    CHECK(idle.work.wait_for_turn(1));
    letting_go.join();
    CHECK(told == "paused for a reason");
    CHECK(idle.clock.now() - before >= 900s);
}

TEST_CASE("with another batch all sizes begin anew, with another target they go on from where they are") {
    Idle<> idle{with([](Settings& settings) {
        settings.batch_size = {.start = 100, .least = 1, .most = 1000, .target = 100ms};
    })};
    BatchSize size{idle.work.batch_limits()};
    for (int i = 0; i < 10; ++i) size.sample(100, 50ms);
    REQUIRE(size.size() == 150);
    idle.work.set_target_time(400ms);
    size.follow(idle.work.batch_limits());
    CHECK(size.size() == 150);
    for (int i = 0; i < 10; ++i) size.sample(150, 300ms);
    CHECK(size.size() == 200);
    idle.work.set_batch(20);
    CHECK(idle.counters.batch_size == 20);
    size.follow(idle.work.batch_limits());
    CHECK(size.size() == 20);
    idle.work.set_target_time(0ms);
    size.follow(idle.work.batch_limits());
    for (int i = 0; i < 100; ++i) size.sample(20, 1us);
    CHECK(size.size() == 20);
}

TEST_CASE("the batch that is begun with may be set again") {
    Idle<> idle{with([](Settings& settings) {
        settings.batch_size = {.start = 100, .least = 1, .most = 1000, .target = 100ms};
    })};
    BatchSize size{idle.work.batch_limits()};
    for (int i = 0; i < 10; ++i) size.sample(100, 50ms);
    idle.work.set_batch(100);
    size.follow(idle.work.batch_limits());
    CHECK(size.size() == 100);
}

TEST_CASE("the batch is a call's items only where calls hold batches") {
    Idle rows{Settings{}};
    rows.work.set_batch(50);
    CHECK(rows.work.call_items() == 1);
    Idle batches{with([](Settings& settings) {
        settings.call_items = 10;
        settings.batch_is_a_call = true;
    })};
    batches.work.set_batch(50);
    CHECK(batches.work.call_items() == 50);
}

TEST_CASE("concurrency is no more than there is room for, and bounds calls or lanes, whichever there are") {
    for (const bool transacted : {true, false}) {
        CAPTURE(transacted);
        Idle<> idle{with([&](Settings& settings) {
            settings.transacted = transacted;
            settings.concurrency = 4;
            settings.make_room = [](std::uint64_t wanted) { return std::min<std::uint64_t>(wanted, 10); };
        })};
        CHECK(idle.work.concurrency_limit() == 4);
        idle.work.set_concurrency(16);
        CHECK(idle.work.concurrency_limit() == 10);
        CHECK(idle.work.dispatcher.limit() == (transacted ? 0 : 10));
        CHECK(idle.work.lanes.most() == (transacted ? 10 : 0));
        idle.work.set_concurrency(2);
        CHECK(idle.work.concurrency_limit() == 2);
    }
}

TEST_CASE("a concurrency that adapts begins low, is cut by a strain, and is a number again once one is set") {
    Idle<> idle{with([](Settings& settings) {
        settings.concurrency = 64;
        settings.adaptive = {.least = 2, .most = 64};
    })};
    CHECK(idle.work.concurrency_limit() == 4);
    idle.work.set_strain(1.2);
    CHECK(idle.work.concurrency_limit() == 2);
    idle.work.set_concurrency(30);
    idle.clock.advance(1min);
    idle.work.set_strain(1.2);
    CHECK(idle.work.concurrency_limit() == 30);
    idle.work.adapt_concurrency({.least = 8, .most = 16});
    CHECK(idle.work.concurrency_limit() == 8);
}
