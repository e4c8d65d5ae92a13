#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace rowmill::progress {

/// How fast a run goes of late, and when it will be done at that pace. Pure: time comes with the samples.
/// Not thread-safe.
///
/// `waited` is the time, in seconds since any fixed moment, in which the run was held back by something that will
/// pass (replica lag, load, a pause): it is left out of the pace that the ETA counts with. A lasting limit
/// (`rate = 500`) does not belong in it, the ETA must know of that one.
class RateEstimate {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Seconds = std::chrono::duration<double>;

    explicit RateEstimate(Seconds window = Seconds{12}) : window_{window} {}

    /// Cumulative counts at a moment. The first sample is the base line, so a resumed run does not look fast. Counts
    /// that go back (the store lost its last seconds at a failover) start anew; the pace known so far stays until there
    /// is a new one.
    void add(Time now, std::uint64_t settled, double waited);

    /// Items a second over the window, waits included: what is seen to happen. 0 until two samples are there.
    double rate() const;
    /// Items a second over the window with waits left out. While all of the window was waited through it is the last
    /// one known; absent before anything was settled.
    std::optional<double> working_rate() const { return working_rate_; }
    /// Seconds that `remaining` items need at the working rate; absent while that is unknown or nothing moves.
    std::optional<double> eta_seconds(std::uint64_t remaining) const;

private:
    struct Sample {
        Time time;
        std::uint64_t settled = 0;
        double waited = 0;
    };

    void forget_before(Time now);
    void take_pace();

    Seconds window_;
    std::deque<Sample> samples_;
    std::optional<double> working_rate_;
};

}  // namespace rowmill::progress
