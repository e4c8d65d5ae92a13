#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rowmill::progress {

/// A subscriber's wake-up: called once until it has looked, and never after it is taken down. Thread-safe.
class Doorbell {
public:
    explicit Doorbell(std::function<void()> wake) : wake_{std::move(wake)} {}

    /// To be called after what it rings for has been put in place.
    void ring() {
        if (is_rung_.exchange(true)) return;
        const std::scoped_lock lock{mutex_};
        if (wake_ && !is_down_) wake_();
    }

    /// To be called before looking: what is put in place from then on rings again, and what was there before is seen.
    void answer() { is_rung_ = false; }

    /// Waits for a call that is under way in another thread. The function is destroyed with the bell, not here: it may be the one
    /// that calls.
    void take_down() {
        const std::scoped_lock lock{mutex_};
        is_down_ = true;
    }

private:
    std::function<void()> wake_;
    std::atomic<bool> is_rung_ = false;
    std::recursive_mutex mutex_;  // recursive: a wake-up may look, be rung again, and take its own bell down
    bool is_down_ = false;
};

using Doorbells = std::vector<std::shared_ptr<Doorbell>>;

/// By value: those that go meanwhile must stay until all are rung.
inline void ring_all(Doorbells bells) {
    for (const std::shared_ptr<Doorbell>& bell : bells) bell->ring();
}

}  // namespace rowmill::progress
