#pragma once

#include "progress/snapshot.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace rowmill::progress {

/// Says which snapshots a listener shows: the first, then one an interval, and at once (but not more than one a
/// second) when the run starts or ceases to wait, or waits for something else. Pure.
class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Seconds = std::chrono::duration<double>;

    explicit Pace(double every_seconds) : every_{every_seconds} {}

    bool shows(const Snapshot& snapshot, Time now) {
        std::string cause = cause_of(snapshot);
        // A caller that samples exactly once an interval must not lose every other one to jitter.
        const Seconds due = cause == cause_ ? every_ * 0.9 : std::min(every_ * 0.9, Seconds{0.9});
        if (last_ && now - *last_ < due) return false;
        last_ = now;
        cause_ = std::move(cause);
        return true;
    }

private:
    /// Why it waits, without the figures, which change all the time; empty: it does not.
    static std::string cause_of(const Snapshot& snapshot) {
        std::string cause = snapshot.waiting_for;
        std::erase_if(cause, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
        return cause.empty() && snapshot.state != "running" ? snapshot.state : cause;
    }

    Seconds every_;
    std::optional<Time> last_;
    std::string cause_;
};

}  // namespace rowmill::progress
