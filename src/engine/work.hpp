#pragma once

#include "engine/adaptation.hpp"
#include "engine/attempt.hpp"
#include "engine/batch_size.hpp"
#include "engine/calls.hpp"
#include "engine/counters.hpp"
#include "engine/dispatcher.hpp"
#include "engine/gate.hpp"
#include "engine/lane.hpp"
#include "engine/limits.hpp"
#include "engine/permits.hpp"
#include "engine/stopping.hpp"
#include "engine/waits.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace rowmill::engine {

/// How a run's items are worked on. Some of it is only how it begins, and may be changed while the run is on: see Work.
struct Settings {
    std::uint64_t run = 0;
    unsigned readers = 4;             ///< lanes worked on at once
    bool transacted = false;          ///< its lanes have a transaction
    std::uint64_t concurrency = 64;   ///< items in flight at once; of lanes with a transaction batches in work. 0: unbounded
    std::optional<GradientLimit::Bounds> adaptive;  ///< then it moves within these
    /// Called before so many may be in flight: makes room for them and returns how many there is room for. May be none.
    std::function<std::uint64_t(std::uint64_t)> make_room{};
    std::uint64_t call_items = 1;     ///< items to a call, for lanes without a transaction
    bool batch_is_a_call = false;     ///< where the batch is changed, so is call_items
    std::uint64_t page_items = 1000;  ///< items to a page, likewise
    std::uint64_t max_gap = 10000;    ///< items above the low watermark of an origin, at most
    BatchSize::Limits batch_size;     ///< for lanes with a transaction
    Attempt::Rules attempts;
    FailureLimit max_failures;
    double rate = 0;
    double nice = 0;  ///< seconds that a reader rests for each second of work
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
    Permits lanes;  ///< batches of lanes with a transaction, in work at once
    Adaptation adaptation;

    /// Stops the run for this error; the first one is kept. Also meant for faults of the pool.
    void fail(const Error& error);
    std::optional<Error> error() const;
    /// Counts what was recorded; fails the run where too much of it failed.
    void count(const Settlement& settlement);
    /// What all workers of the run have settled since it was begun or resumed, where there are others: fails the run where too
    /// much of it failed. From the first such call on a share of failures is judged by this alone: what is settled here is only a part.
    void judge(const Tally& by_all);
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
    /// What a reader does after so much work, where the run is to be nice: nothing for a while. False where the run is asked to
    /// stop meanwhile.
    bool rest(std::chrono::microseconds worked);

    /// Items in flight at once, at most; of lanes with a transaction batches in work. 0: unbounded.
    std::uint64_t concurrency_limit() const;
    BatchSize::Limits batch_limits() const;
    std::uint64_t call_items() const { return call_items_; }

    // What may be changed while the run is on, from any thread.

    /// Fewer: what is in flight beyond it comes to its end. More: as many as there is room for. Ends its adapting.
    void set_concurrency(std::uint64_t most);
    /// From now on it adapts, anew.
    void adapt_concurrency(GradientLimit::Bounds bounds);
    /// Where concurrency adapts: how near a throttle is to its limit, which is 1.
    void set_strain(double strain) { adaptation.strain(strain); }
    void set_rate(double items_a_second) { rate.set(items_a_second); }
    /// All readers begin anew with this size.
    void set_batch(std::uint64_t items);
    /// Zero: the size stays as it is.
    void set_target_time(Duration target);
    void set_nice(double ratio) { nice_ = ratio; }

private:
    bool wait_for_rate(std::uint64_t items, const std::stop_token& stop);
    std::uint64_t room_for(std::uint64_t most) const;
    void limit_concurrency(std::uint64_t most);
    std::uint64_t adapting_sizes() const;
    void fail_for_failures(const Tally& tally, const std::string& last);

    std::atomic<double> nice_;
    std::atomic<std::uint64_t> call_items_;
    mutable std::mutex mutex_;
    BatchSize::Limits batch_limits_;
    std::optional<Error> error_;
    bool has_others_ = false;
};

}  // namespace rowmill::engine
