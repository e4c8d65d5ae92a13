#pragma once

#include "engine/backoff.hpp"
#include "engine/batch.hpp"
#include "engine/lane.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::engine {

/// The life of one batch that settles in a transaction, as a pure state machine: `next()` says what to do,
/// the caller does it and tells what came of it, until `next()` is `done`, `stop`, `lose` or `fail`.
///
/// It replays what is known to have rolled back, splits a batch down to the row at fault, turns that row into a
/// dead letter, and resolves a lost connection by asking the ledger, never by memory. Every part of the
/// batch that commits moves the checkpoint, so that the parts are done in order and none twice.
///
/// No thread, no clock, no server; not thread-safe.
class Attempt {
public:
    enum class Do : std::uint8_t {
        begin,
        execute,  ///< the action, on `part()`
        record,   ///< `settlement()` in the ledger
        commit,
        rollback,
        wait,  ///< `wait_time()`, for `reason()`
        reconnect,
        ask_standing,  ///< of the ledger, on the new connection; `commit_sent()` goes with it
        expand,        ///< ask the action for the items of `part()`
        done,
        stop,  ///< asked to leave; what has committed stands
        lose,  ///< the origin is no longer ours as we know it: claim it again
        fail,  ///< the run cannot go on: `error()`
    };

    struct Rules {
        unsigned max_attempts = 5;
        Backoff backoff;
        Duration reconnect_for{600000};
        bool record_inside = true;
        bool by_item = false;  ///< the ledger wants to know which items became what
        std::function<std::uint64_t()> random;  ///< 64 bits for the jitter; thread-safe. None: no jitter, no wait
    };

    /// `completes`: nothing follows this batch in its origin.
    Attempt(Batch batch, bool completes, Rules rules);

    Do next() const { return next_; }
    const Batch& part() const { return parts_.back().batch; }
    const Settlement& settlement() const { return settlement_; }
    Duration wait_time() const { return wait_; }
    const std::string& reason() const { return reason_; }
    bool commit_sent() const { return commit_sent_; }
    const std::optional<Error>& error() const { return error_; }
    /// True from the first split or replay on: how long this batch took says nothing about its size.
    bool troubled() const { return troubled_; }

    /// begin, record, commit, rollback, wait or reconnect went well.
    void succeeded();
    void executed(const BatchOutcome& outcome);
    void expanded(Items items);
    void stands(Standing standing);
    /// Whatever `next()` asked for failed.
    void failed(const Error& error, TimePoint now);
    /// Leave as soon as nothing is half done: taken at a wait or between two parts.
    void leave() { leaving_ = true; }

    /// What has been recorded since the last call: to be counted.
    std::vector<Settlement> take_recorded() { return std::exchange(recorded_, {}); }

private:
    struct Part {
        Batch batch;
        bool completes = false;
        unsigned tries = 0;              ///< executions that failed, at this size
        unsigned crashes = 0;            ///< connections lost while it was worked on
        unsigned expansions = 0;         ///< reads of its items that failed
        std::optional<Error> verdict{};  ///< one row, given up: only to be recorded as a dead letter
        unsigned attempts = 1;           ///< with the verdict: how often it was tried
    };

    void start_part();
    void part_recorded();
    void waited();
    void rollback_failed(const Error& error, TimePoint now);
    void doubt_remains(const Error& error, TimePoint now);
    void expansion_failed(const Error& error);
    void lost_connection(const Error& error, TimePoint now);
    bool is_out_of_time(TimePoint now);
    void after_rollback();
    void react(const Error& error);
    void replay(const Error& error);
    void record_again(const Error& error);
    void wait_for_disk(Do then, const Error& error);
    void give_up_at_this_size(const Error& error);
    void split(const Error& error);
    Duration pause(const Backoff& backoff, unsigned attempt) const;
    void wait_then(Do then, Duration time, std::string reason);
    void end(Do how, const Error& error);
    std::uint64_t random() const { return rules_.random ? rules_.random() : 0; }

    Rules rules_;
    Do next_ = Do::begin;
    Do after_wait_ = Do::begin;
    std::vector<Part> parts_;  ///< the last one is worked on; those before it follow it
    Settlement settlement_;
    std::vector<Settlement> recorded_;
    std::optional<Error> trouble_;  ///< what the rollback is for
    std::optional<Error> error_;
    std::optional<TimePoint> reconnect_until_;
    unsigned reconnects_ = 0;
    unsigned waits_ = 0;
    Duration wait_{0};
    std::string reason_;
    std::optional<Duration> snooze_;  ///< the action asked for this wait, which uses up no attempt
    bool begun_ = false;              ///< the part's transaction was
    bool commit_sent_ = false;        ///< the part's settlement may have become durable
    bool committed_ = false;          ///< the work has; only its record is missing (where it follows the commit)
    bool leaving_ = false;
    bool troubled_ = false;
};

}  // namespace rowmill::engine
