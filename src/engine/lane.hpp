#pragma once

#include "engine/batch.hpp"

#include <rowmill/error.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

namespace rowmill::engine {

/// Where an action's calls run: `blocking` on a thread of the pool, `handlers` on the threads for
/// user code, `io` on the caller's, answering later.
enum class Where : std::uint8_t { blocking, handlers, io };

/// The answer to one `Action::start`: given once. A second answer is ignored, and a reply that is
/// destroyed unanswered answers a failure for the whole batch, so that no slot is ever lost.
/// May be answered from any thread.
class Reply {
public:
    using Answer = std::variant<BatchOutcome, Error>;

    Reply() = default;
    explicit Reply(std::function<void(Answer)> deliver) : deliver_{std::move(deliver)} {}
    Reply(Reply&& other) noexcept : deliver_{std::exchange(other.deliver_, nullptr)} {}
    Reply& operator=(Reply&& other) noexcept;
    ~Reply();

    void answer(BatchOutcome outcome) { deliver(std::move(outcome)); }
    void fail(Error error) { deliver(std::move(error)); }

private:
    void deliver(Answer answer);
    std::function<void(Answer)> deliver_;
};

/// What an action may know of its call beside the batch.
struct Context {
    std::uint64_t run = 0;
    std::stop_token stop;  ///< asks a slow action to give up: its time is up, or the run is dropped. Its answer is then ignored
};

/// A stream of items, read page by page by one thread. Blocks. An error throws; it is never an end.
struct Source {
    virtual ~Source() = default;
    /// At most `max` items that follow what was read before. Throws Error{stopped} once stop is requested.
    virtual Page next(std::size_t max, std::stop_token stop) = 0;
    /// Whether the next page is known already, so that nothing is won by reading it while another is worked on.
    virtual bool knows_next() const { return false; }
};

/// The work done on a batch.
struct Action {
    virtual ~Action() = default;
    virtual Where runs_on() const = 0;
    virtual void start(const Batch& batch, Context context, Reply reply) = 0;
    /// So many items are to be in flight at once from now on, more or fewer than before: returns how many can be, 0 for any number.
    /// From any thread.
    virtual std::uint64_t make_room(std::uint64_t items) { return items; }
    /// The items of a batch that came as a stretch only, or with keys that were reckoned, read so that it can be split.
    virtual Items items_of(const Batch& batch) { return batch.items; }
};

/// Where a ledger stands after a lost connection.
enum class Standing : std::uint8_t {
    recorded,      ///< the settlement in doubt is there
    not_recorded,  ///< it is not, and the ledger stands where it stood before
    moved,         ///< it stands elsewhere: claim the origin again and believe the store, not memory
};

/// Where settlements are recorded. `record` is all or nothing, and throws Error{fenced} where the
/// origin is no longer ours.
struct Ledger {
    virtual ~Ledger() = default;
    virtual void record(std::span<const Settlement> settlements) = 0;
    /// Asked on a new connection, after one was lost: waits for the old transaction to end.
    /// `commit_sent` says that the last settlement's COMMIT may have reached the server.
    virtual Standing standing(OriginId origin, bool commit_sent) = 0;
};

/// Work, and where `record_inside` its settlement too, that becomes durable in one step.
struct Transaction {
    virtual ~Transaction() = default;
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() = 0;
    /// Closes the connection, whatever state it is in (lost, or unable to roll back), and tries once to make another:
    /// throws Error{disconnected} or Error{overloaded} where that fails for now, Error{fatal} where it is not the same
    /// server any more.
    virtual void reconnect() = 0;
    /// True where the ledger's record commits with the work (exactly once); false where it follows
    /// the commit (at least once).
    virtual bool record_inside() const = 0;
};

/// A source, an action and a ledger bound together: a claimed sack, a subscription, a partition.
/// With a transaction, one batch of the lane is worked on at a time; without, many at once.
struct Lane {
    OriginId origin = 0;
    Position low;  ///< where it stood when it was claimed
    /// What was settled above low then, in reading order. The source emits these items again (it need not know of
    /// them); they are passed over, and stay recorded until low has passed them. Only without a transaction.
    std::vector<Position> above{};
    std::unique_ptr<Source> source;
    std::shared_ptr<Action> action;  ///< outlives all its calls, also those that come back late: its owner sees to that
    std::shared_ptr<Ledger> ledger;
    std::shared_ptr<Transaction> transaction;  ///< may be none
    /// Its ledger settles item by item, and has no use for a watermark; its source waits for items to come, and may go on
    /// while others of the run are at work.
    bool by_item = false;
};

/// Hands out lanes to readers. Thread-safe.
struct Assignments {
    virtual ~Assignments() = default;
    /// Blocks until there is a lane for `reader` (0 …), or none will come any more.
    virtual std::unique_ptr<Lane> next(unsigned reader, std::stop_token stop) = 0;
    /// The lane is complete, was stopped (it can be resumed from its ledger), or was lost (fenced,
    /// moved: it must be claimed anew).
    enum class End : std::uint8_t { completed, stopped, lost };
    virtual void finished(unsigned reader, OriginId origin, End end) = 0;
};

}  // namespace rowmill::engine
