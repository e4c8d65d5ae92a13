#pragma once

#include "progress/snapshot.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace rowmill::progress {

/// Says which snapshots a listener shows: the first, then one an interval, and at once (but not more than one a
/// second) when the run starts or ceases to wait. Pure.
class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Seconds = std::chrono::duration<double>;

    explicit Pace(double every_seconds) : every_{every_seconds} {}

    bool shows(const Snapshot& snapshot, Time now) {
        const bool waits = !snapshot.waiting_for.empty() || snapshot.state != "running";
        // A caller that samples exactly once an interval must not lose every other one to jitter.
        const Seconds due = waits == waits_ ? every_ * 0.9 : std::min(every_ * 0.9, Seconds{0.9});
        if (last_ && now - *last_ < due) return false;
        last_ = now;
        waits_ = waits;
        return true;
    }

private:
    Seconds every_;
    std::optional<Time> last_;
    bool waits_ = false;
};

}  // namespace rowmill::progress
