#pragma once

#include "engine/pace.hpp"
#include "engine/watermark.hpp"
#include "engine/work.hpp"

#include <condition_variable>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace rowmill::engine {

class Checkpointer;

/// A lane without a transaction while its items are in flight: they settle in any order, the watermark follows, and
/// the checkpointer records how far it has got. Kept alive by what is in flight. Thread-safe.
class DetachedLane : public std::enable_shared_from_this<DetachedLane> {
public:
    DetachedLane(std::unique_ptr<Lane> lane, Work& work, Checkpointer& checkpointer);

    OriginId origin() const { return origin_; }
    Ledger& ledger() { return *lane_->ledger; }
    Source& source() { return *lane_->source; }

    /// Hands the items of a page out, call by call, waiting for room; adds the time that this took, but for the time that the run
    /// had a reason to wait, to `worked`. False where the run is asked to stop. Throws
    /// Error{internal} for a page that names a stretch without its items.
    bool dispatch(const Page& page, std::chrono::microseconds& worked);
    /// Nothing more will be read: the source dies here, on the thread that read it. `at_end`: the origin completes once
    /// all is settled.
    void close_source(bool at_end);

    enum class Which { all, completing };
    /// What has settled since the last call; absent where that is nothing, or where only a completion is wanted and this is none.
    /// `completes` is set once, at the end.
    std::optional<Settlement> take_settlement(Which which);
    /// Puts back what could not be recorded.
    void give_back(Settlement settlement);
    /// The ledger said that the origin is not ours any more: nothing of it is dispatched or recorded from now on.
    void mark_lost();
    bool is_lost() const;
    bool is_by_item() const { return by_item_; }
    /// Nothing of it is in flight any more, but for what is overdue: lets go of action and ledger.
    void close();

private:
    bool was_settled(const Item& item) const;
    void pass_over(Batch single);
    void give_up(Batch call);
    bool dispatch_call(Batch call, std::chrono::microseconds& worked);
    void start(const Batch& batch);
    void answered(Call& call, Reply::Answer answer);
    void expired(Call& call);
    LoadWindow::Piece piece_of(const Call& call, TimePoint now, bool refused) const;
    void take_answer(const Batch& batch, Reply::Answer answer);
    bool is_void(const Reply::Answer& answer) const;
    void fail_or_leave(const Error& error);
    void settle_one(const Batch& batch, const Outcome& outcome);
    void retry(const Batch& single, const Outcome& outcome);
    bool wait_for_gap();
    void settled(std::uint64_t first_seq, std::uint64_t count, Settlement settlement);
    /// Whether nothing is left to settle. Under the lock.
    bool is_complete() const { return at_end_ && watermark_.all_settled(); }

    const OriginId origin_;
    const bool by_item_;
    std::unique_ptr<Lane> lane_;
    Work& work_;
    Checkpointer& checkpointer_;
    mutable std::mutex mutex_;
    std::condition_variable_any moved_;
    Watermark watermark_;
    std::unordered_map<std::string, std::size_t> settled_before_;  ///< encoded key -> index in lane_->above
    std::size_t passed_over_ = 0;  ///< so many of lane_->above were met again, or are gone
    Settlement pending_;           ///< what is not yet recorded
    bool dirty_ = false;
    bool at_end_ = false;
    bool lost_ = false;
};

/// Reads a lane without a transaction to its end; its items may still be in flight when this returns. Blocks; called on
/// a reader's thread. `completed` means read to its end. A lane by item is outside of the run's limit, and is read until `stop`.
Assignments::End drive_detached(const std::shared_ptr<DetachedLane>& lane, Work& work, Pace& pace, std::stop_token stop);

}  // namespace rowmill::engine
