#pragma once

#include "engine/gradient_limit.hpp"
#include "engine/load_window.hpp"
#include "engine/turns.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

namespace rowmill::engine {

/// The run's concurrency where it adapts: hears of each piece of work, and says how many may be in flight at once. Off until it
/// is begun. Thread-safe.
class Adaptation {
public:
    /// `apply` is told each new limit; it must not call back.
    Adaptation(const Clock& clock, std::function<void(std::uint64_t)> apply) : clock_{clock}, apply_{std::move(apply)} {}

    /// From now on, anew. `sizes`: of batches whose size adapts as well, one size for each of so many readers; they and the limit
    /// take turns. 0: there are none.
    void begin(GradientLimit::Bounds bounds, std::uint64_t sizes);
    void set_sizes(std::uint64_t sizes);
    void end();
    bool is_on() const { return is_on_; }

    /// A call has come to its end.
    void called(const LoadWindow::Piece& call);
    /// A batch has been worked on. True where its reader's size may move for it. `too_long`: it took so long that the size must
    /// shrink at once.
    bool worked(const LoadWindow::Piece& batch, bool too_long);
    /// How near something else is to its limit, 1 being that limit.
    void strain(double strain);

private:
    void take_turns_with(std::uint64_t sizes);
    void add(const LoadWindow::Piece& piece);
    void apply_limit(TimePoint now);

    const Clock& clock_;
    const std::function<void(std::uint64_t)> apply_;
    std::atomic<bool> is_on_{false};
    std::mutex mutex_;
    std::optional<GradientLimit> limit_;
    LoadWindow window_;
    std::optional<Turns> turns_;
    TimePoint turn_began_{};
    std::optional<TimePoint> cut_at_;  ///< last, for a strain
};

}  // namespace rowmill::engine
