#pragma once

#include <rowmill/export.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace rowmill {

/// How App::start begins a run.
struct RunOptions {
    std::string dsn{};           ///< mysql://user@host/database; empty: as ROWMILL_DSN and the option files say
    std::string store_schema{};  ///< of the run store; empty: "rowmill"
    /// Over what the job says of itself, as flags would: {"concurrency", "64"}.
    std::map<std::string, std::string> settings{};
    bool accept_changes = false;   ///< go on with an unfinished run although job or table have changed
    bool allow_full_scan = false;  ///< go on although a page or a statement scans its whole table
};

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

/// One who is told how a run gets on. Ends with the object, which waits for a call that is under way: so a call must not end its own.
class ROWMILL_EXPORT Subscription {
public:
    Subscription();
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

private:
    friend class Run;
    struct ROWMILL_HIDDEN Inside;
    explicit Subscription(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

/// A run that this program has begun with App::start, and that goes on beside it. A handle: copies are of the same run. Thread-safe. When
/// the last one goes, the run finishes what is in flight, and can be resumed.
class ROWMILL_EXPORT Run {
public:
    /// 0: there was nothing to do, as of a job that says `once` and has succeeded with these parameters.
    std::uint64_t id() const;
    Progress progress() const;
    /// `each` is told the present state at once, then what follows, about four times a second, on a thread of its own; the last time when
    /// the run is over. One that is slow misses what came between, and keeps nobody waiting. It must not throw.
    Subscription subscribe(std::function<void(const Progress&)> each) const;
    /// Has it finish what is in flight, and leaves the run to be resumed; once more: drops it. Does not wait.
    void stop();
    /// Until the work on it here is over. The exit code that `rowmill` would have had; throws nothing of what a run may end with: that is
    /// `last_error` of its progress.
    int wait() const;

private:
    friend class App;
    struct ROWMILL_HIDDEN Inside;
    explicit Run(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;
};

}  // namespace rowmill
