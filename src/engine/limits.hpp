#pragma once

#include "engine/batch.hpp"
#include "engine/clock.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace rowmill::engine {

/// How many failed items a run may have: a number, or a share of those tried, from `min_tried` on.
struct FailureLimit {
    std::optional<std::uint64_t> number;
    double share = 0.01;
    std::uint64_t min_tried = 1000;

    /// True where so many failures are too many. `complete`: nothing more will be tried, so a share is
    /// judged even of few.
    bool exceeded(const Tally& tally, bool complete = false) const;
};

/// A token bucket: `rate` items a second, at most a second's worth at once. Thread-safe.
class RateLimit {
public:
    explicit RateLimit(double items_a_second) : rate_{items_a_second} {}

    /// When what was taken may begin: now, or later where others came first.
    struct Turn {
        TimePoint begin;
        std::uint64_t rate = 0;  ///< which one this is by
    };
    Turn take(std::uint64_t items, TimePoint now);
    /// False where the rate was changed since: what waits for its turn is to take another one.
    bool holds(const Turn& turn) const { return turn.rate == changes_; }
    bool is_limited() const { return rate_ > 0; }
    /// From now on; what was taken before is paid for.
    void set(double items_a_second);
    /// Of `wanted` items those that may go at once: a second's worth, at least one.
    std::uint64_t most_at_once(std::uint64_t wanted) const;

private:
    std::mutex mutex_;
    std::atomic<double> rate_;
    std::atomic<std::uint64_t> changes_{0};
    std::optional<TimePoint> paid_until_;
};

/// The items that a run may still begin (`--limit`). Thread-safe.
class Budget {
public:
    explicit Budget(std::optional<std::uint64_t> items) : left_{items} {}

    /// As many of `wanted` as are left, to be followed by one `give_back`. Where nothing is left, waits for those that
    /// have taken and not yet said what they give back: 0 is the end of it.
    std::uint64_t take(std::uint64_t wanted);
    /// So many of those taken were not needed.
    void give_back(std::uint64_t items);
    /// Nothing is left, and nothing will be given back.
    bool is_spent() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable given_back_;
    std::optional<std::uint64_t> left_;
    unsigned taking_ = 0;  ///< have taken, and not yet given back
};

}  // namespace rowmill::engine
