#pragma once

#include "engine/attempt.hpp"
#include "engine/batch_size.hpp"
#include "engine/calls.hpp"
#include "engine/counters.hpp"
#include "engine/dispatcher.hpp"
#include "engine/gate.hpp"
#include "engine/lane.hpp"
#include "engine/limits.hpp"
#include "engine/stopping.hpp"
#include "engine/waits.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace rowmill::engine {

/// How a run's items are worked on.
struct Settings {
    std::uint64_t run = 0;
    unsigned readers = 4;             ///< lanes worked on at once
    std::uint64_t concurrency = 64;   ///< items in flight at once, for lanes without a transaction; 0: unbounded
    std::uint64_t call_items = 1;     ///< items to a call, for lanes without a transaction
    std::uint64_t page_items = 1000;  ///< items to a page, likewise
    std::uint64_t max_gap = 10000;    ///< items above the low watermark of an origin, at most
    BatchSize::Limits batch_size;     ///< for lanes with a transaction
    Attempt::Rules attempts;
    FailureLimit max_failures;
    double rate = 0;
    std::optional<std::uint64_t> limit;
    Duration checkpoint_interval{1000};
    std::uint64_t checkpoint_items = 1000;
    Duration timeout{0};  ///< a call's longest time, of lanes without a transaction; 0: any
    /// Told, for the log, what became of an item that did not simply succeed: from any thread. May be none.
    std::function<void(const std::string&)> tell{};
};

/// What all parts of a running engine share. Thread-safe; everything outlives the threads that use it.
class Work {
public:
    Work(const Settings& given, Executor& executor, Clock& given_clock, Stopping& given_stopping,
         Counters& given_counters, Waits& given_waits);

    const Settings settings;
    Clock& clock;
    Stopping& stopping;
    Counters& counters;
    Waits& waits;
    Dispatcher dispatcher;
    Calls calls;
    RateLimit rate;
    Budget budget;
    Gate gate;

    /// Stops the run for this error; the first one is kept. Also meant for faults of the pool.
    void fail(const Error& error);
    std::optional<Error> error() const;
    /// Counts what was recorded; fails the run where too much of it failed.
    void count(const Settlement& settlement);
    /// For the log.
    void tell(const std::string& line) const {
        if (settings.tell) settings.tell(line);
    }
    /// The next page of a lane's source, timed and within the run's limit; absent where nothing of the limit is left. A lane by
    /// item is outside of both, and waits until `stop`.
    std::optional<Page> read(Source& source, bool by_item, std::uint64_t wanted, const std::stop_token& stop);
    /// Waits while the gate is held, and until the rate allows `items`; false where the run is asked to stop meanwhile. To be
    /// asked before anything begins, with nothing held open.
    bool wait_for_turn(std::uint64_t items);

    // What may be changed while the run is on, from any thread.
    void set_concurrency(std::uint64_t items) { dispatcher.set_limit(items); }
    void set_rate(double items_a_second) { rate.set(items_a_second); }

private:
    mutable std::mutex mutex_;
    std::optional<Error> error_;
};

}  // namespace rowmill::engine
