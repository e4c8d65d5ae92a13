#pragma once

#include "engine/executor.hpp"
#include "seed.hpp"

#include <cstddef>
#include <vector>

namespace rowmill::test {

/// Runs what is posted at once, on the caller's thread. What is to run later waits for `run_one`.
class ManualExecutor : public engine::Executor {
public:
    enum class Posts : std::uint8_t { run_at_once, held };

    explicit ManualExecutor(Posts posts) : posts_{posts} {}

    void post(std::function<void()> work) override {
        ++posted_;
        if (posts_ == Posts::run_at_once) return work();
        held_.push_back(std::move(work));
    }
    void post_after(engine::Duration, std::function<void()> work) override { held_.push_back(std::move(work)); }

    std::size_t held() const { return held_.size(); }
    /// How often something was to run as soon as may be.
    std::size_t posted() const { return posted_; }

    /// Runs any one of what is held; false where there is nothing.
    bool run_one(Dice& dice) {
        if (held_.empty()) return false;
        const auto chosen = held_.begin() + static_cast<std::ptrdiff_t>(dice.between(0, held_.size() - 1));
        const std::function<void()> work = std::move(*chosen);
        held_.erase(chosen);
        work();
        return true;
    }

    /// The process is gone: none of it will ever run.
    void forget() { held_.clear(); }

private:
    std::size_t posted_ = 0;
    Posts posts_;
    std::vector<std::function<void()>> held_;
};

}  // namespace rowmill::test
