#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rowmill::web {

/// Collects wake-ups from any threads for one, which is called once for many of them: whoever rings never waits for it, and may do so
/// after it is gone. Thread-safe.
template <typename Sleeper>
class Bells {
public:
    /// `call`: has the one thread come and `take`; called where there was nothing to take.
    explicit Bells(std::function<void()> call) : call_{std::move(call)} {}

    void ring(const std::weak_ptr<Sleeper>& sleeper) {
        const std::lock_guard lock{mutex_};
        if (!call_) return;
        rung_.push_back(sleeper);
        if (rung_.size() == 1) call_();
    }
    std::vector<std::weak_ptr<Sleeper>> take() {
        const std::lock_guard lock{mutex_};
        return std::exchange(rung_, {});
    }
    /// Nothing is called from now on.
    void silence() {
        const std::lock_guard lock{mutex_};
        call_ = nullptr;
        rung_.clear();
    }

private:
    std::mutex mutex_;
    std::function<void()> call_;
    std::vector<std::weak_ptr<Sleeper>> rung_;
};

}  // namespace rowmill::web
