#pragma once

#include "db/session.hpp"
#include "store/records.hpp"
#include "store/statements.hpp"

#include <chrono>
#include <functional>
#include <span>

namespace rowmill::store {

struct Migration;

/// The run store: named statements of sql/statements on one session. Holds no state but the session and the
/// schema's name. Not thread-safe. Errors are db's. Times are the server's, UTC.
class Store {
public:
    Store(db::Session& session, std::string schema);

    /// Brings the schema to this version, one migration after another, safe against another process doing the
    /// same. Returns the names of what was applied. Throws Error{usage} with what to do where the tables are missing
    /// and may not be created, and Error{refused} where the schema is newer than this binary.
    std::vector<std::string> migrate();
    /// Whether the schema is there and of this version; nothing is written. Throws Error{refused} where it is newer.
    bool is_current();
    /// Whether the schema is there, of this version or an earlier one.
    bool exists();

    // Runs
    /// A pending run, begun now. Throws Error{refused} with server_code 1062 where an unfinished run of this identity
    /// exists, or where another has succeeded: another process began it since `unfinished_run` was asked.
    RunRecord create_run(const NewRun& run);
    std::optional<RunRecord> find_run(RunId id);
    /// SELECT … FOR UPDATE: waits for the transaction that may still be pending on the run, and lets go of it again.
    std::optional<RunRecord> lock_run(RunId id);
    /// Whether this server holds that very run: not another server's of the same number.
    bool holds(RunId run, const std::string& token);
    std::optional<RunRecord> newest_run();
    /// The run of this identity that has neither succeeded nor been cancelled: failed, paused and interrupted runs
    /// resume. There is at most one.
    std::optional<RunRecord> unfinished_run(const std::string& identity);
    /// For `once`, and for the bound above which `since = "last-run"` starts.
    /// Also one that had succeeded, and was cancelled while its dead letters were tried again.
    std::optional<RunRecord> newest_succeeded(const std::string& identity);
    /// The newest first.
    std::vector<RunRecord> list_runs(std::size_t most);
    /// Also sets the finish time (of succeeded, failed and cancelled runs; else removes it) and the last error (empty:
    /// none; cut at 4 KB). False, with nothing changed, where the run is not there or has already succeeded or been
    /// cancelled.
    bool set_state(RunId run, const std::string& state, const std::string& last_error);
    void set_fingerprint(RunId run, const std::string& fingerprint);
    void set_definition(RunId run, const std::string& definition);
    /// Makes a run that has succeeded, failed or was interrupted one that can be resumed ("interrupted"), and returns
    /// it as it stands now. One that is unfinished anyway is left as it is. Throws Error{usage} where there is no such
    /// run, and Error{refused} for a cancelled one, or where another run of its identity is unfinished (server_code
    /// 1062).
    RunRecord reopen_run(RunId run);
    void add_worked_seconds(RunId run, double seconds);
    /// Cancels a run and forgets its sacks, waiting items, dead letters, workers, notes and samples (`--restart`).
    void abandon_run(RunId run);
    /// Reads all sacks of the run: some 50 ms for 100,000 of them.
    RunTotals totals(RunId run);

    // Sacks
    /// Stores planned sacks and the walk's position in one transaction, conditional on where the walk stood;
    /// throws Error{fenced} where another process walked on.
    void add_sacks(RunId run, std::span<const NewSack> sacks, const Key& walked_from, const Key& walked_to,
                   bool walk_done);
    /// Claims the next pending sack, or else one whose worker is gone or has let its lease run out, in a short
    /// READ COMMITTED transaction of its own that waits for nobody's locks. Raises the fence. None: nothing to claim
    /// now, though others may still be at work.
    /// Throws Error{fenced} where `worker` is not on the list any more.
    std::optional<SackRecord> claim_sack(RunId run, WorkerId worker);
    /// Its two halves: only what is pending; and only what a worker has left behind.
    std::optional<SackRecord> claim_pending(RunId run, WorkerId worker);
    std::optional<SackRecord> claim_orphan(RunId run, WorkerId worker);
    /// One that is pending, and no other.
    std::optional<SackRecord> claim_this(SackId sack, WorkerId worker);
    /// Those that nobody works on and that are not done, in reading order.
    std::vector<SackId> pending_sacks(RunId run);
    /// Counts no more than `most` of each: quick, however many sacks are done.
    OpenSacks open_sacks(RunId run, std::uint64_t most);
    /// Gives a claimed sack back, where it is still ours.
    void release_sack(SackId sack, std::uint64_t fence);
    /// Gives back the worker's sacks that it does not know of: claims whose answer was lost with the connection.
    void release_unheld(RunId run, WorkerId worker, std::span<const SackId> held);
    /// Those that a worker has claimed, or has given back half done, in reading order.
    std::vector<SackRecord> begun_sacks(RunId run);
    /// All of a run's sacks, each as it arrives, none kept: there may be a million. In any order, mostly by ordinal. The callback must
    /// not use the session.
    void glance_at_sacks(RunId run, const std::function<void(const SackGlance&)>& each);
    /// Writes one checkpoint inside the caller's transaction. Throws Error{fenced} unless exactly one row was hit.
    void checkpoint(const Checkpoint& checkpoint);
    /// The statement that `checkpoint` executes, for those who send it in a packet with others: it must match one row.
    std::string checkpoint_statement(const Checkpoint& checkpoint) const;
    /// Several sacks' checkpoints, their dead letters and their retries in one transaction of its own, in id order: all
    /// of them, or, where some sacks were fenced, none. Returns those.
    std::vector<SackId> checkpoint_all(std::span<const Checkpoint> checkpoints);
    /// SELECT … FOR UPDATE: waits for the transaction that may still be pending on the sack (Error{replay} where that
    /// takes too long). Inside the caller's transaction the lock is kept, else let go of at once. Absent where the
    /// sack, the run with this token, or the whole store is not there: another server, or one that lost it.
    std::optional<SackRecord> lock_sack(SackId sack, const std::string& run_token);

    // Sacks: sharing the last ones
    /// An idle worker's wish for the upper part of a sack of this run that another worker works on: the one with the most rows
    /// left, as far as the store knows, that nobody has asked for within the last second. False: there is none.
    bool ask_for_split(RunId run, WorkerId asker);
    /// The sacks of this worker that somebody would like to have a part of.
    std::vector<SackId> wanted_splits(RunId run, WorkerId owner);
    /// Cuts (…, upto] into (…, middle] and (middle, upto], in one transaction: the sack ends at `middle` and has `rows_below` of
    /// its rows, the rest is a pending sack of its own, whose id is returned. Above everything that its owner has read: only the owner
    /// can know a right middle. Throws Error{fenced} unless the sack is running under this fence and ends at `upto`.
    SackId split_sack(SackId sack, std::uint64_t fence, const Key& upto, const Key& middle, std::uint64_t rows_below,
                      std::uint64_t rows_above);
    /// There is too little left of it.
    void decline_split(SackId sack, std::uint64_t fence);

    // Control
    /// What the workers of a run are asked to bring about, and how; absent where the run is not there. One look by primary key.
    std::optional<ControlRecord> read_control(RunId run);
    /// Asks the workers of a run to bring a state about. Returns the run's state as it is; nothing is asked of one that
    /// has succeeded or was cancelled.
    std::string ask_for_state(RunId run, const std::string& desired_state);
    /// A worker's part of that: paused where that is asked for, running again where it was paused and is not asked for any more.
    /// Returns the state as it is then; empty: the run is not there.
    std::string follow_desired_state(RunId run);
    /// Running from now on, whatever was asked for before: for who begins, or resumes, a run that nobody works on. False where it
    /// has succeeded or was cancelled.
    bool take_up_run(RunId run);
    /// For who joins others: running where it was interrupted, else left as it is. Returns the state as it is then.
    std::string join_run(RunId run);
    /// A worker that has recorded what it did leaves the run, in one transaction: the run's state becomes `state` ("succeeded",
    /// "failed", "interrupted") unless it has ended or failed by another's doing; "interrupted" only where no other worker is
    /// alive, and "paused" in its place where that is asked for. A worker that was declared gone has no say. Returns the run as it is
    /// then. May be repeated where the answer was lost.
    RunRecord end_work(RunId run, WorkerId worker, const std::string& state, const std::string& last_error);
    /// Replaces what was changed of the settings (JSON).
    void set_live_settings(RunId run, const std::string& live_settings);
    /// Replaces what is kept of the run's settings since it began (JSON).
    void set_settings(RunId run, const std::string& settings);
    /// How a worker gets on (JSON).
    void report(WorkerId worker, const std::string& report);

    // Dead letters
    /// Inside the caller's transaction. Reasons are cut at 4 KB.
    void add_dead_letters(RunId run, SackId sack, std::span<const engine::DeadLetter> letters);
    /// In the order they were written, page by page; the callback may use the session. An empty class: all of them.
    void stream_dead_letters(RunId run, const std::string& error_class,
                             const std::function<void(const DeadLetterRecord&)>& each);
    /// Makes dead letters wait again, due now and with no attempt used, and takes them off their sacks' failures. Those
    /// of the class (empty: of every one) and, where keys are given, with one of these. Returns how many. In
    /// transactions of some hundred: when it is cut off it has moved some, and the next call moves the others. A run that a worker
    /// has found nothing left in since, and closed, goes on; throws Error{refused} where it has failed or was cancelled.
    std::uint64_t dead_letters_to_waiting(RunId run, const std::string& error_class, std::span<const Key> keys);
    /// Whether that would move any.
    bool has_dead_letters(RunId run, const std::string& error_class, std::span<const Key> keys);

    // Looking
    /// Appends lines to a run's log, and takes away all but its last 200. `worker`: "host:pid". Lines are cut at 4 KB.
    void add_notes(RunId run, const std::string& worker, std::span<const NewNote> notes);
    /// The last `most` lines after the one with this id, oldest first.
    std::vector<NoteRecord> notes(RunId run, std::uint64_t after, std::size_t most);
    /// Keeps a sample of now, where there is none yet for this interval of time: of several workers the first is taken at its word.
    /// A run has at most some 240: when there are more, every other one is forgotten. Returns the interval until the next, which is
    /// then twice as long. Begin with a second, for a run that is resumed as well.
    std::chrono::seconds add_sample(RunId run, std::chrono::seconds interval, const SampleRecord& sample);
    /// Keeps a sample of this very second, in the place of one that may be there: how the run got on when a worker left it.
    void add_last_sample(RunId run, const SampleRecord& sample);
    /// Oldest first, evenly thinned out to `most`; the last one is always there.
    std::vector<SampleRecord> samples(RunId run, std::size_t most);
    /// The most frequent first, no more than 100.
    std::vector<ErrorClassRecord> dead_letter_classes(RunId run);
    /// Those of a class (empty: of all) in the order they were written, after the one with this id.
    std::vector<DeadLetterRecord> dead_letters(RunId run, const std::string& error_class, std::uint64_t after, std::size_t most);

    // Waiting: items that are tried again. Any worker of the run may claim them
    /// Inside the caller's transaction: due when their delay has passed, from now on. Reasons are cut at 4 KB.
    void add_waiting(RunId run, SackId sack, std::span<const engine::Retry> retries);
    /// Those that are due, the longest first, in a short transaction of its own that waits for nobody's locks; no more
    /// than 500, however many are asked for. They are due again when the lease ends, unless they are settled or
    /// renewed. The attempt is counted at once, so that an item that kills its worker uses its attempts up.
    std::vector<WaitingRecord> claim_waiting(RunId run, WorkerId worker, std::size_t most,
                                             std::chrono::milliseconds lease);
    /// The leases of those that are still ours, from now on.
    void renew_waiting(std::span<const WaitingClaim> claims, std::chrono::milliseconds lease);
    /// Settles claimed items, in one transaction of its own: what is done is deleted, what is to be tried again waits
    /// anew, what has failed becomes a dead letter; their sacks' tallies follow. An item whose token is another by now
    /// (its lease ran out, or its worker was declared gone) is left alone and not counted: their ids are returned, in
    /// order. Repeating a call whose COMMIT is in doubt changes nothing, and returns all that the first one settled.
    std::vector<WaitingId> settle_waiting(RunId run, std::span<const WaitingSettlement> settlements);
    /// The same inside the caller's transaction. Locks waiting items by id, then sacks by id.
    std::vector<WaitingId> settle_waiting_inside(RunId run, std::span<const WaitingSettlement> settlements);
    /// SELECT … FOR UPDATE: waits for the transaction that may still be pending on them. Which of the claims still are
    /// ours.
    std::vector<WaitingId> lock_waiting(std::span<const WaitingClaim> claims);
    /// How long until the next one is due, or the next lease ends: 0 where that is now; absent: none waits.
    std::optional<std::chrono::milliseconds> next_waiting(RunId run);

    // Workers
    WorkerId register_worker(RunId run, const WorkerIdentity& identity, std::chrono::milliseconds lease,
                             std::span<const std::uint64_t> connection_ids);
    /// False where the worker's row is gone, or another process's: it was declared dead, or a failover has lost it.
    bool renew_lease(WorkerId worker, const WorkerIdentity& identity, std::chrono::milliseconds lease);
    /// Which connections the worker has now with the store's server, for people and for whoever finds it dead.
    void note_connections(WorkerId worker, std::span<const std::uint64_t> connection_ids);
    /// Those that a worker has noted with the very server that this session is with, not started anew since: on another, or
    /// after a restart, the same numbers are others'. None where that is not sure.
    std::vector<std::uint64_t> connections_of(WorkerId worker);
    /// Takes a worker off the list; sacks that are still its own become pending, and waiting items that it has claimed
    /// are due at once, their attempts counted.
    void leave(WorkerId worker);
    std::vector<WorkerRecord> workers(RunId run);
    /// The same for a worker that is known to be dead. A sack that its last transaction still holds is left to
    /// `claim_sack`, a waiting item to the end of its lease.
    void declare_gone(WorkerId worker);
    /// The same, where its lease has run out by now; else false.
    bool declare_expired(WorkerId worker);

    db::Session& session() { return session_; }
    const std::string& schema() const { return schema_; }

private:
    class MigrationLock;

    /// Throws Error{refused} where the store has migrations that this binary does not know.
    std::vector<Migration> missing_migrations();
    void apply(const Migration& migration);
    std::string not_allowed(const std::string& reason);

    std::string sql(std::string_view statement, Arguments arguments = {}) const;
    /// The one row of a run, where there is one.
    std::optional<RunRecord> read_run(std::string_view statement, Arguments arguments);
    /// The dead letters and retries of checkpoints that are written.
    void store_items(std::span<const Checkpoint* const> checkpoints);
    void insert_sample(std::string_view statement, RunId run, std::chrono::seconds interval, const SampleRecord& sample);
    db::ResultSet dead_letters_page(RunId run, const std::string& error_class, std::uint64_t after, std::size_t most);
    void insert_sacks(RunId run, std::span<const NewSack> sacks);
    std::vector<SackRecord> read_sacks(const std::string& query);
    std::optional<SackRecord> take(const std::string& locking_read, WorkerId worker);
    std::vector<std::uint64_t> ids(const std::string& query);
    /// The ids of some, in their order, above `after`.
    std::vector<std::uint64_t> dead_letters_after(std::uint64_t after, RunId run, const std::string& error_class,
                                                  std::span<const Key> keys);
    std::uint64_t move_to_waiting(RunId run, const std::vector<std::uint64_t>& letters);
    /// Inside the caller's transaction, which keeps everybody from ending the run.
    void keep_going(RunId run);
    void reopen(const RunRecord& ended);
    void forget(RunId run, std::string_view some, std::string_view remove);
    /// False where `remove` deletes nothing.
    bool remove_worker(WorkerId worker, std::string_view remove);
    /// Since its start.
    std::uint64_t server_uptime_seconds();
    void return_sacks(WorkerId worker, std::span<const SackId> held);
    void return_waiting(WorkerId worker, std::span<const WaitingId> held);

    db::Session& session_;
    std::string schema_;
    Dialect dialect_;
};

/// This process: host name, boot id, pid and start time.
WorkerIdentity this_process();
/// Whether that process is known to be gone: same host and boot, and no such pid with that start time.
bool is_known_gone(const WorkerIdentity& worker);

}  // namespace rowmill::store
