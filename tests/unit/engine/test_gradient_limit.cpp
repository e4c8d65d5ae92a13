#include "../../support/simulated_service.hpp"

#include "engine/gradient_limit.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// A service whose concurrency adapts to it.
struct Trial {
    explicit Trial(std::uint64_t seed) : dice{seed} { window.begin(service.now(), limit.limit()); }

    /// Items done a second, and the limit that held on average.
    struct Seen {
        double rate = 0, limit = 0;
    };
    Seen run(std::chrono::seconds time) {
        const std::uint64_t before = service.done();
        double sum = 0;
        std::uint64_t pieces = 0;
        service.run(
            time, [&] { return limit.limit(); },
            [&](const LoadWindow::Piece& piece) {
                sum += static_cast<double>(limit.limit());
                ++pieces;
                if (!window.add(piece)) return;
                limit.sample(window.sample());
                window.begin(piece.ended, limit.limit());
            });
        return {static_cast<double>(service.done() - before) / static_cast<double>(time.count()), sum / static_cast<double>(pieces)};
    }

    Dice dice;
    SimulatedService service{dice};
    GradientLimit limit{{.least = 1, .most = 256}};
    LoadWindow window;
};

/// Samples of the same kind.
void sample(GradientLimit& limit, int times, LoadSample with) {
    for (int i = 0; i < times; ++i) limit.sample(with);
}

}  // namespace

TEST_CASE("concurrency settles near a service's knee, with nearly all that it can do") {
    for_each_seed(10, [](std::uint64_t seed) {
        CAPTURE(seed);
        for (const std::uint64_t knee : {4, 16, 64}) {
            for (const bool varies : {true, false}) {
                CAPTURE(knee);
                CAPTURE(varies);
                Trial trial{seed};
                trial.service.knee = knee;
                trial.service.varies = varies;
                trial.run(20s);
                const Trial::Seen seen = trial.run(60s);
                CHECK(seen.rate >= 0.85 * static_cast<double>(knee) * 50);
                CHECK(seen.limit >= 0.75 * static_cast<double>(knee));
                CHECK(seen.limit <= 2 * static_cast<double>(knee));
            }
        }
    });
}

TEST_CASE("concurrency climbs to its upper bound where a service never queues") {
    for_each_seed(10, [](std::uint64_t seed) {
        CAPTURE(seed);
        Trial trial{seed};
        trial.service.knee = 1000;
        trial.run(20s);
        CHECK(trial.run(10s).limit > 230);
    });
}

TEST_CASE("concurrency backs off when a service can do less at once, and comes back when it can do more") {
    for_each_seed(10, [](std::uint64_t seed) {
        CAPTURE(seed);
        Trial trial{seed};
        trial.service.knee = 64;
        trial.run(60s);
        trial.service.knee = 8;
        trial.run(20s);
        CHECK(trial.run(20s).limit < 20);
        trial.service.knee = 64;
        trial.run(60s);
        CHECK(trial.run(20s).rate > 0.8 * 64 * 50);
    });
}

TEST_CASE("items that have become slower for good get their concurrency back") {
    for_each_seed(10, [](std::uint64_t seed) {
        CAPTURE(seed);
        Trial trial{seed};
        trial.service.knee = 16;
        trial.run(30s);
        trial.service.latency *= 5;
        trial.run(60s);
        CHECK(trial.run(60s).rate > 0.8 * 16 * 10);
    });
}

TEST_CASE("concurrency stays within its bounds, whatever is sampled") {
    for_each_seed(200, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const std::uint64_t least = dice.between(1, 20), most = least + dice.between(0, 300);
        GradientLimit limit{{least, most}};
        for (int i = 0; i < 300; ++i) {
            if (dice.chance(0.1)) limit.strain(static_cast<double>(dice.between(0, 30)) / 10);
            limit.sample({.latency = static_cast<double>(dice.between(0, 1000)),
                          .busiest = dice.between(0, most),
                          .refused = static_cast<double>(dice.between(0, 10)) / 10});
            REQUIRE(limit.limit() >= least);
            REQUIRE(limit.limit() <= most);
        }
    });
}

TEST_CASE("a strain of 0.8 cuts the limit by a factor, one of 1 by a larger one, and less than that leaves it alone") {
    GradientLimit limit{{1, 100}};
    sample(limit, 20, {.latency = 10, .busiest = 100, .refused = 0});
    REQUIRE(limit.limit() == 100);
    limit.strain(0.79);
    CHECK(limit.limit() == 100);
    limit.strain(0.8);
    CHECK(limit.limit() == 80);
    limit.strain(1.5);
    CHECK(limit.limit() == 40);
    for (int i = 0; i < 20; ++i) limit.strain(1);
    CHECK(limit.limit() == 1);
}

TEST_CASE("nothing grows while there is a strain") {
    GradientLimit limit{{1, 100}};
    sample(limit, 20, {.latency = 10, .busiest = 100, .refused = 0});
    limit.strain(0.9);
    sample(limit, 20, {.latency = 10, .busiest = 100, .refused = 0});
    CHECK(limit.limit() == 80);
    limit.strain(0);
    sample(limit, 20, {.latency = 10, .busiest = 100, .refused = 0});
    CHECK(limit.limit() == 100);
}

TEST_CASE("a limit that is not made use of does not grow") {
    GradientLimit limit{{1, 100}};
    sample(limit, 1, {.latency = 10, .busiest = 1, .refused = 0});
    const std::uint64_t before = limit.limit();
    sample(limit, 50, {.latency = 10, .busiest = 1, .refused = 0});
    CHECK(limit.limit() == before);
}

TEST_CASE("items that are to come again later make the limit shrink, however quickly they are told so") {
    GradientLimit limit{{1, 100}};
    sample(limit, 20, {.latency = 10, .busiest = 100, .refused = 0});
    sample(limit, 60, {.latency = 1, .busiest = 100, .refused = 0.6});
    CHECK(limit.limit() < 10);
}
