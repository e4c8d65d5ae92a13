#pragma once

#include "engine/detached.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace rowmill::engine {

/// The one checkpointer of a run: every `checkpoint_interval`, or `checkpoint_items` settled items, it writes the
/// checkpoints of all lanes without a transaction, those of one ledger in one record. What could not be written for now
/// is written the next time; a record in doubt (the connection was lost) is asked for first. Thread-safe; its thread
/// ends with `finish`.
class Checkpointer {
public:
    using Finished = std::function<void(OriginId, Assignments::End)>;
    using Which = DetachedLane::Which;

    /// `finished` is told once of each lane: when its completion has been recorded, when it was lost, or at the end.
    Checkpointer(Work& work, Finished finished) : work_{work}, finished_{std::move(finished)} {}

    void start(ThreadScope scope);
    void add(std::shared_ptr<DetachedLane> lane);
    /// So many items have settled.
    void settled(std::uint64_t items);
    /// Waits while much more has settled than one write is to hold: what is not recorded is kept in memory, and is done again
    /// after a crash. False once stop is requested.
    bool wait_for_room(std::stop_token stop);
    /// A lane has nothing left to settle: its completion is worth a write at once, of that alone.
    void completed();
    /// An item is to be tried again after this time: until it is recorded, nobody can.
    void retry_in(Duration delay);
    /// Records what there is, now, on the caller's thread. False where some of it has to be tried again.
    bool write(Which which = Which::all);
    /// The last checkpoint, after everything in flight has come back; then the thread ends.
    void finish();

private:
    struct Pending {
        std::shared_ptr<DetachedLane> lane;
        Settlement settlement;
    };

    void loop();
    bool resolve_doubts();
    bool record(Ledger& ledger, std::vector<Pending> pending);
    bool not_recorded(Ledger& ledger, std::vector<Pending> pending, const Error& error);
    void try_later(const Error& error);
    void tell(OriginId origin, Assignments::End end);
    void recorded(const Pending& pending);
    void lost(const std::shared_ptr<DetachedLane>& lane);
    std::vector<Pending> take_settlements(Which which);
    void forget_what_is_due();

    Work& work_;
    Finished finished_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::condition_variable_any room_;
    std::vector<std::shared_ptr<DetachedLane>> lanes_;
    std::vector<std::shared_ptr<DetachedLane>> lost_;  ///< kept until nothing of them is in flight
    std::uint64_t settled_ = 0;
    bool has_completed_ = false;       ///< a lane that has not been recorded since
    std::optional<TimePoint> due_at_;  ///< everything is to be recorded by then, however little it is
    bool finishing_ = false;

    std::mutex writing_;           ///< held by whoever writes; what follows is theirs
    std::vector<Pending> doubts_;  ///< their record may have become durable
    std::optional<TimePoint> give_up_at_;
    bool hopeless_ = false;  ///< the run has failed for it: nothing more is written
    std::jthread thread_;
};

}  // namespace rowmill::engine
