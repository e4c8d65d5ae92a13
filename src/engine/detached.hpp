#pragma once

#include "engine/watermark.hpp"
#include "engine/work.hpp"

#include <condition_variable>
#include <memory>
#include <vector>

namespace rowmill::engine {

class Checkpointer;

/// A lane without a transaction while its items are in flight: they settle in any order, the watermark follows, and
/// the checkpointer records how far it has got. Kept alive by what is in flight. Thread-safe.
class DetachedLane : public std::enable_shared_from_this<DetachedLane> {
public:
    DetachedLane(std::unique_ptr<Lane> lane, Work& work, Checkpointer& checkpointer);

    OriginId origin() const { return lane_->origin; }
    Ledger& ledger() { return *lane_->ledger; }
    Source& source() { return *lane_->source; }

    /// Hands the items of a page out, call by call, waiting for room. False where the run is asked to stop.
    bool dispatch(const Page& page);
    /// Everything was read: the origin completes once all is settled.
    void read_to_end();

    /// What has settled since the last call; absent where that is nothing. `completes` is set once, at the end.
    std::optional<Settlement> take_settlement();
    /// Puts back what could not be recorded.
    void give_back(Settlement settlement);
    /// The ledger said that the origin is not ours any more: nothing of it is dispatched or recorded from now on.
    void mark_lost();
    bool is_lost() const;

private:
    void start(Batch batch);
    void answered(const Batch& batch, Reply::Answer answer);
    void settle_one(const Batch& batch, const Outcome& outcome);
    void retry(const Batch& batch, std::size_t index, const Outcome& outcome);
    void start_again(const Batch& batch);
    bool wait_for_gap();
    void settled(std::uint64_t first_seq, std::uint64_t count, Settlement settlement);

    std::unique_ptr<Lane> lane_;
    Work& work_;
    Checkpointer& checkpointer_;
    mutable std::mutex mutex_;
    std::condition_variable_any moved_;
    Watermark watermark_;
    Settlement pending_;  ///< tally and dead letters not yet recorded
    bool dirty_ = false;
    bool at_end_ = false;
    bool lost_ = false;
};

/// Reads a lane without a transaction to its end; its items may still be in flight when this returns. Blocks; called on
/// a reader's thread. `completed` means read to its end.
Assignments::End drive_detached(const std::shared_ptr<DetachedLane>& lane, Work& work);

}  // namespace rowmill::engine
