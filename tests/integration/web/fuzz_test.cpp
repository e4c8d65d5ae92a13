#include "fuzz/site_target.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

using namespace rowmill;
using test::Dice;

namespace {

std::uint64_t seed() {
    const char* chosen = std::getenv("ROWMILL_SEED");
    return chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
}

std::ptrdiff_t descriptors() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, std::filesystem::directory_iterator{});
}

}  // namespace

TEST_CASE("ten thousand random and mutated requests are answered or refused, and start nothing") {
    const std::uint64_t chosen = seed();
    MESSAGE("ROWMILL_SEED=" << chosen);
    Dice dice{chosen};
    test::SiteTarget target;
    const std::vector<std::string> seeds = test::seeds_of_requests(target.port());
    for (const std::string& request : seeds) CHECK(target.try_bytes(request) == "");
    const std::ptrdiff_t before = descriptors();
    for (int i = 0; i < 10'000; ++i) {
        const std::string request = dice.chance(0.1) ? test::random_bytes(dice) : test::mutated(seeds[dice.between(0, seeds.size() - 1)], dice);
        CAPTURE(request);
        CHECK(target.try_bytes(request) == "");
        REQUIRE(target.asked().empty());
    }
    CHECK(test::eventually([&] { return target.connections() == 0 && descriptors() <= before; }));
}
