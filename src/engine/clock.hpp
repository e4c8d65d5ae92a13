#pragma once

#include <chrono>
#include <stop_token>

namespace rowmill::engine {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

/// The time, and waiting for it. Thread-safe.
struct Clock {
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    /// Returns early, with false, once stop is requested.
    virtual bool wait_until(TimePoint when, std::stop_token stop) = 0;
};

class SteadyClock : public Clock {
public:
    TimePoint now() const override { return std::chrono::steady_clock::now(); }
    bool wait_until(TimePoint when, std::stop_token stop) override;
};

}  // namespace rowmill::engine
