#pragma once

#include <cstdint>

namespace rowmill::engine {

/// What was seen of a service while one limit held.
struct LoadSample {
    double latency = 0;        ///< of an item on average, in any unit
    std::uint64_t busiest = 0;  ///< the most in flight at once
    double refused = 0;        ///< which share of the items was to come again later
};

/// How many items should be in flight at once, learnt from how long they take.
///
/// The rule is that of Netflix's concurrency-limits (github.com/Netflix/concurrency-limits, GradientLimit): limit × gradient + √limit,
/// smoothed, where the gradient is the latency without load over the present one, between a half and 1. In flight over latency is
/// throughput (Little's law), so a gradient below 1 says that more in flight do not get more done. What the latency is without
/// load is looked up now and then, as BBR does, by half the limit for one sample: the service, or the items, may have become
/// slower for good. It begins as TCP does, doubling until the gradient first falls below 0.8; a strain from elsewhere cuts it by a factor
/// (AIMD). Pure; not thread-safe.
class GradientLimit {
public:
    struct Bounds {
        std::uint64_t least = 1;
        std::uint64_t most = 256;
    };

    explicit GradientLimit(Bounds bounds);

    /// What should hold until the next sample.
    std::uint64_t limit() const;
    void sample(const LoadSample& sample);
    /// A strain from which on something else is near its limit.
    static constexpr double near_limit = 0.8;
    /// How near something else is to its limit: 1 is the limit. From `near_limit` on this cuts ours, and keeps it from growing.
    void strain(double strain);

private:
    double gradient_of(const LoadSample& sample) const;
    void move_to(double limit);
    void look_at_no_load(double latency);

    double least_, most_;
    double limit_;
    double no_load_ = 0;  ///< the latency without load; 0: not known yet
    bool is_starting_ = true;
    bool is_looking_ = true;  ///< the next sample tells the latency without load
    bool is_strained_ = false;
    int until_look_ = 0;
};

}  // namespace rowmill::engine
