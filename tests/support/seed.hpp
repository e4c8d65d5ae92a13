#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace rowmill::test {

/// The randomness of one schedule. The same seed replays the same schedule.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : bits_{seed * 0x9E3779B97F4A7C15U + 1} {}

    std::uint64_t bits() { return bits_(); }
    /// Evenly from [least, most].
    std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + bits_() % (most - least + 1); }
    bool chance(double probability) { return static_cast<double>(bits_() >> 11) * 0x1.0p-53 < probability; }

private:
    std::mt19937_64 bits_;
};

/// The schedules that a property test tries: seeds 1 … `count`, or as many as ROWMILL_SCHEDULES says, or the one of
/// ROWMILL_SEED alone.
template <typename Try>
void for_each_seed(std::uint64_t count, Try&& try_seed) {
    if (const char* chosen = std::getenv("ROWMILL_SEED"); chosen != nullptr && *chosen != '\0') {
        try_seed(std::strtoull(chosen, nullptr, 10));
        return;
    }
    if (const char* many = std::getenv("ROWMILL_SCHEDULES"); many != nullptr && *many != '\0')
        count = std::strtoull(many, nullptr, 10);
    for (std::uint64_t seed = 1; seed <= count; ++seed) try_seed(seed);
}

}  // namespace rowmill::test
