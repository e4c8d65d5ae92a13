#include "engine/limits.hpp"

#include <algorithm>

namespace rowmill::engine {
namespace {

/// As good as for ever, and a time that there is.
constexpr std::chrono::hours longest_wait{24 * 365};

}  // namespace

bool FailureLimit::exceeded(const Tally& tally, bool complete) const {
    if (tally.failed == 0) return false;
    if (number) return tally.failed > *number;
    if (tally.settled() < min_tried && !complete) return false;
    // Of a table smaller than `min_tried` a share says little; a single bad row must not fail it.
    if (tally.settled() < min_tried) return tally.failed == tally.settled() && share < 1;
    return static_cast<double>(tally.failed) > share * static_cast<double>(tally.settled());
}

RateLimit::Turn RateLimit::take(std::uint64_t items, TimePoint now) {
    const std::lock_guard lock{mutex_};
    const double rate = rate_;
    if (rate <= 0) return {now, changes_};
    const TimePoint begin = std::max(paid_until_.value_or(now), now - std::chrono::seconds{1});
    const std::chrono::duration<double> cost{static_cast<double>(items) / rate};
    paid_until_ = cost < longest_wait ? std::min(begin + std::chrono::duration_cast<TimePoint::duration>(cost), now + longest_wait)
                                      : now + longest_wait;
    return {std::max(begin, now), changes_};
}

std::uint64_t RateLimit::most_at_once(std::uint64_t wanted) const {
    const double rate = rate_;
    if (rate <= 0) return wanted;
    return std::min(wanted, std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rate)));
}

void RateLimit::set(double items_a_second) {
    const std::lock_guard lock{mutex_};
    rate_ = items_a_second;
    ++changes_;
    paid_until_.reset();
}

std::uint64_t Budget::take(std::uint64_t wanted) {
    std::unique_lock lock{mutex_};
    if (!left_) return wanted;
    given_back_.wait(lock, [this] { return *left_ > 0 || taking_ == 0; });
    const std::uint64_t taken = std::min(wanted, *left_);
    *left_ -= taken;
    if (taken > 0) ++taking_;
    return taken;
}

void Budget::give_back(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    if (!left_) return;
    *left_ += items;
    --taking_;
    given_back_.notify_all();
}

bool Budget::is_spent() const {
    const std::lock_guard lock{mutex_};
    return left_ && *left_ == 0 && taking_ == 0;
}

}  // namespace rowmill::engine
