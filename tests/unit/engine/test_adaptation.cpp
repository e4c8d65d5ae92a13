#include "../../support/fake_clock.hpp"
#include "../../support/simulated_service.hpp"

#include "engine/adaptation.hpp"

#include <doctest/doctest.h>

using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

struct World {
    FakeClock clock;
    std::uint64_t applied = 0;
    Adaptation adaptation{clock, [this](std::uint64_t limit) { applied = limit; }};

    /// A piece of work that ends now.
    LoadWindow::Piece piece(std::chrono::microseconds took) {
        const TimePoint began = clock.now();
        clock.advance(took);
        return {.began = began, .ended = clock.now(), .items = 1, .room = 1, .in_flight = applied, .refused = false};
    }
    void call(int times, std::chrono::microseconds took) {
        for (int i = 0; i < times; ++i) adaptation.called(piece(took));
    }
    /// How many of so many batches might move their reader's size.
    int batches(int times, std::chrono::microseconds took) {
        int moved = 0;
        for (int i = 0; i < times; ++i) moved += adaptation.worked(piece(took), false) ? 1 : 0;
        return moved;
    }
};

}  // namespace

TEST_CASE("until it is begun adapting applies no limit, and lets sizes move") {
    World world;
    world.call(200, 10ms);
    CHECK(world.batches(50, 10ms) == 50);
    world.adaptation.strain(2);
    CHECK(world.applied == 0);
    CHECK_FALSE(world.adaptation.is_on());
}

TEST_CASE("calls of the same latency make the limit climb to its upper bound") {
    World world;
    world.adaptation.begin({.least = 2, .most = 64}, 0);
    CHECK(world.applied == 4);
    world.call(1000, 10ms);
    CHECK(world.applied == 64);
}

TEST_CASE("once adapting is at its end nothing is applied any more") {
    World world;
    world.adaptation.begin({.least = 2, .most = 64}, 0);
    world.adaptation.end();
    world.applied = 7;
    world.call(1000, 10ms);
    world.adaptation.strain(2);
    CHECK(world.applied == 7);
}

TEST_CASE("what was begun under another limit says nothing of this one") {
    World world;
    world.adaptation.begin({.least = 2, .most = 64}, 0);
    LoadWindow::Piece old = world.piece(1ms);
    world.call(100, 10ms);
    const std::uint64_t before = world.applied;
    REQUIRE(before > 4);
    for (int i = 0; i < 1000; ++i) {
        old.ended += 10ms;
        world.adaptation.called(old);
    }
    CHECK(world.applied == before);
}

TEST_CASE("strains that follow each other at once cut the limit once") {
    World world;
    world.adaptation.begin({.least = 1, .most = 100}, 0);
    world.call(1000, 10ms);
    REQUIRE(world.applied == 100);
    for (int i = 0; i < 10; ++i) world.adaptation.strain(0.9);
    CHECK(world.applied == 80);
    world.clock.advance(500ms);
    world.adaptation.strain(0.9);
    CHECK(world.applied == 64);
}

TEST_CASE("the end of a strain is never missed: the limit grows again") {
    World world;
    world.adaptation.begin({.least = 1, .most = 100}, 0);
    world.call(1000, 10ms);
    world.adaptation.strain(1);
    world.adaptation.strain(0);
    world.call(5000, 10ms);
    CHECK(world.applied == 100);
}

TEST_CASE("sizes stand still while concurrency moves, and concurrency while sizes move") {
    World world;
    world.adaptation.begin({.least = 1, .most = 16}, 2);
    const std::uint64_t first = world.applied;
    CHECK(world.batches(1, 20ms) == 1);
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t before = world.applied;
        CHECK(world.batches(19, 20ms) == 19);  // with the one before ten of each of two readers
        CHECK(world.applied == before);
        int frozen = 0;
        while (world.batches(1, 20ms) == 0) REQUIRE(++frozen < 1000);
        CHECK(frozen >= 10);
    }
    CHECK(world.applied > first);
}

TEST_CASE("a size that must shrink at once does so in concurrency's turn, and has the next one") {
    World world;
    world.adaptation.begin({.least = 1, .most = 16}, 1);
    world.batches(10, 20ms);
    REQUIRE(world.batches(1, 20ms) == 0);
    CHECK(world.adaptation.worked(world.piece(5s), true));
    CHECK(world.batches(10, 20ms) == 10);
}

TEST_CASE("where sizes are fixed every batch is concurrency's") {
    World world;
    world.adaptation.begin({.least = 1, .most = 16}, 0);
    CHECK(world.batches(500, 20ms) == 500);
    CHECK(world.applied == 16);
}
