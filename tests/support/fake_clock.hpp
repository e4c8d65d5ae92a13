#pragma once

#include "engine/clock.hpp"

#include <atomic>

namespace rowmill::test {

/// Stands still until it is told to move, or jumps to whatever time is waited for. Thread-safe.
class FakeClock : public engine::Clock {
public:
    engine::TimePoint now() const override { return engine::TimePoint{std::chrono::microseconds{us_.load()}}; }

    bool wait_until(engine::TimePoint when, std::stop_token stop) override {
        if (stop.stop_requested()) return false;
        if (when > now()) advance(std::chrono::duration_cast<std::chrono::microseconds>(when - now()));
        return true;
    }

    void advance(std::chrono::microseconds time) { us_ += time.count(); }

private:
    std::atomic<std::int64_t> us_{1'000'000'000};
};

}  // namespace rowmill::test
