#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace rowmill::progress {

/// How long a batch, or an item's call, has taken of late: the mean of those that ended within about the last second, or, where none
/// did, of the last that were seen to end, for half a minute. Pure: time comes with the samples. Not thread-safe.
class LatencyEstimate {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// How many have ended so far, and how long they took altogether.
    void add(Time now, std::uint64_t ended, std::uint64_t microseconds);
    /// Absent until one has ended, and again when none does any more.
    std::optional<double> seconds() const;

private:
    struct Sample {
        Time time;
        std::uint64_t ended = 0, microseconds = 0;
    };
    std::deque<Sample> samples_;
};

}  // namespace rowmill::progress
