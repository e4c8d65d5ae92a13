#include "../../support/seed.hpp"

#include "engine/batch_size.hpp"

#include <doctest/doctest.h>

using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

void sample_often(BatchSize& size, int times, std::chrono::microseconds took) {
    for (int i = 0; i < times; ++i) size.sample(size.size(), took);
}

/// Microseconds for a batch at so much an item, give or take a tenth.
std::chrono::microseconds cost(Dice& dice, std::uint64_t items, double us_an_item) {
    const double noise = 0.9 + 0.2 * static_cast<double>(dice.between(0, 1000)) / 1000;
    return std::chrono::microseconds{static_cast<std::int64_t>(static_cast<double>(items) * us_an_item * noise)};
}

}  // namespace

TEST_CASE("nine samples move nothing, the tenth does") {
    BatchSize size{{.start = 500, .least = 10, .most = 10000, .target = 200ms}};
    sample_often(size, 9, 100ms);
    CHECK(size.size() == 500);
    sample_often(size, 1, 100ms);
    CHECK(size.size() == 750);  // twice as fast as wanted, but no step grows more than 1.5-fold
}

TEST_CASE("the size follows the ninth of ten samples, not the slowest") {
    BatchSize size{{.start = 1000, .least = 10, .most = 10000, .target = 200ms}};
    sample_often(size, 9, 250ms);
    sample_often(size, 1, 900ms);
    CHECK(size.size() == 800);
}

TEST_CASE("one sample over five times the target cuts the size to a tenth at once") {
    BatchSize size{{.start = 1000, .least = 10, .most = 10000, .target = 200ms}};
    sample_often(size, 1, 1000ms);
    CHECK(size.size() == 1000);
    sample_often(size, 1, 1001ms);
    CHECK(size.size() == 100);
}

TEST_CASE("samples at another size do not count") {
    BatchSize size{{.start = 500, .least = 10, .most = 10000, .target = 200ms}};
    for (int i = 0; i < 100; ++i) size.sample(499, 900ms);
    for (int i = 0; i < 100; ++i) size.sample(501, 10s);
    CHECK(size.size() == 500);
}

TEST_CASE("a batch smaller than asked for that takes far too long cuts the size all the same") {
    BatchSize size{{.start = 500, .least = 10, .most = 10000, .target = 200ms}};
    size.sample(300, 1001ms);
    CHECK(size.size() == 30);
}

TEST_CASE("a target of zero keeps the size") {
    BatchSize size{{.start = 500, .least = 10, .most = 10000, .target = 0ms}};
    sample_often(size, 100, 10s);
    sample_often(size, 100, 1us);
    CHECK(size.size() == 500);
}

TEST_CASE("the size stays within its limits, whatever the samples") {
    for_each_seed(100, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const std::uint64_t start = dice.between(1, 2000);
        BatchSize size{{.start = start, .least = 10, .most = 1000, .target = 200ms}};
        for (int i = 0; i < 300; ++i) {
            const std::uint64_t before = size.size();
            size.sample(before, std::chrono::microseconds{dice.between(0, dice.chance(0.05) ? 5'000'000 : 900'000)});
            REQUIRE(size.size() >= std::min<std::uint64_t>(10, start));
            REQUIRE(size.size() <= std::max<std::uint64_t>(1000, start));
            REQUIRE(static_cast<double>(size.size()) <= static_cast<double>(before) * 1.5 + 0.5);
        }
    });
}

TEST_CASE("a batch takes its target within a fifth once the size has settled, in a slow half as in a fast one") {
    for_each_seed(100, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const double fast = static_cast<double>(dice.between(50, 2000));  // µs an item
        BatchSize size{{.start = 500, .least = 1, .most = 100'000, .target = 200ms}};
        for (const double us_an_item : {fast, fast * 10}) {
            CAPTURE(us_an_item);
            for (int i = 0; i < 400; ++i) size.sample(size.size(), cost(dice, size.size(), us_an_item));
            const double wanted = 200'000 / us_an_item;
            CHECK(static_cast<double>(size.size()) >= 0.8 * wanted - 1);
            CHECK(static_cast<double>(size.size()) <= 1.2 * wanted + 1);
        }
    });
}
