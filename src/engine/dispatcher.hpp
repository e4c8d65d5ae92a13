#pragma once

#include "engine/executor.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>

namespace rowmill::engine {

/// Counts items in, posts their work to the executor, counts them out; holds the readers back while there is no
/// room, and opens the completion latch when the readers are done and nothing is in flight. Thread-safe.
class Dispatcher {
public:
    /// `limit`: items in flight at once, at most. 0: bounded by the lanes alone.
    Dispatcher(Executor& executor, std::uint64_t limit) : executor_{executor}, limit_{limit} {}

    /// From now on; what is in flight beyond it comes to its end.
    void set_limit(std::uint64_t limit);
    std::uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
    /// Waits for room for `items` and counts them in; a batch larger than the limit goes alone. False once stop is
    /// requested: nothing was counted.
    bool enter(std::uint64_t items, std::stop_token stop);
    /// Counts items in whatever the limit: a lane with a transaction has one batch in flight, and is its own bound.
    void enter_anyway(std::uint64_t items);
    /// Items that were counted in are no longer in flight.
    void leave(std::uint64_t items);
    /// They are settled, and their action has not come back: still in flight, but not waited for at the end.
    void overdue(std::uint64_t items);
    /// Overdue ones have come back after all.
    void leave_overdue(std::uint64_t items);
    void post(std::function<void()> work) { executor_.post(std::move(work)); }
    void post_after(Duration delay, std::function<void()> work) { executor_.post_after(delay, std::move(work)); }

    /// No more will enter from the readers: what is in flight is the last.
    void close();
    /// The completion latch: blocks until closed and nothing is in flight but what is overdue.
    void wait_until_empty();
    /// Blocks until nothing is overdue any more, be it for ever.
    void wait_until_returned();

    std::uint64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
    std::uint64_t overdue() const { return overdue_.load(std::memory_order_relaxed); }
    /// The most that were in flight at once.
    std::uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }

private:
    bool has_room(std::uint64_t items) const;
    void count_in(std::uint64_t items);

    Executor& executor_;
    std::atomic<std::uint64_t> limit_;
    std::atomic<std::uint64_t> in_flight_{0};
    std::atomic<std::uint64_t> peak_{0};
    std::atomic<std::uint64_t> overdue_{0};
    std::mutex mutex_;
    std::condition_variable_any room_;
    bool closed_ = false;
};

}  // namespace rowmill::engine
