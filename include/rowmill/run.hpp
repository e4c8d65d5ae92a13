#pragma once

#include <rowmill/export.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rowmill {

/// How a run stands at one moment. Times are UTC, RFC 3339.
struct Progress {
    std::uint64_t run = 0;
    std::string job;
    std::string state;  ///< running, paused, interrupted, succeeded, failed or cancelled
    std::optional<std::uint64_t> total;  ///< items; unknown while counting, and with a filter until the end
    std::optional<double> percent;       ///< 100 only when complete
    std::uint64_t settled = 0, succeeded = 0, skipped = 0, failed = 0;
    std::uint64_t dead_letters = 0, waiting_retry = 0, retried = 0, in_flight = 0;
    double rate = 0;  ///< settled items a second, of late
    std::optional<double> eta_seconds;
    std::string waiting_for;  ///< why it waits; empty: it does not
    std::string last_error;
};

/// One who is told how a run gets on. Ends with the object, which waits for a call that is under way.
class ROWMILL_EXPORT Subscription {
public:
    Subscription() = default;
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

private:
    friend class Run;
    struct Inside;
    explicit Subscription(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;
};

/// A run that this program has begun with App::start, and that goes on beside it. Thread-safe. When the last handle of it goes, the run
/// drains, and can be resumed.
class ROWMILL_EXPORT Run {
public:
    std::uint64_t id() const;
    Progress progress() const;
    /// `each` is told the present state at once, then what follows, about four times a second, on a thread of its own; the last time when
    /// the run is over. One that is slow misses what came between. It must not throw.
    Subscription subscribe(std::function<void(const Progress&)> each);
    /// Finishes what is in flight, and leaves the run to be resumed.
    void stop();
    /// The exit code that `rowmill` would have had.
    int wait();

private:
    friend class App;
    struct Inside;
    explicit Run(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;
};

}  // namespace rowmill
