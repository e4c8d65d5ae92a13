#pragma once

#include "db/session.hpp"
#include "engine/batch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rowmill::store {

using RunId = std::uint64_t;
using SackId = std::uint64_t;
using WorkerId = std::uint64_t;

struct NewRun {
    std::string job, identity, fingerprint;  ///< see job/fingerprint.hpp
    std::string params;                      ///< masked JSON
    std::string settings;                    ///< JSON of the live settings
    std::string server;                      ///< display of the server
    Key bound_after, bound_upto;
    bool bound_empty = false;
};

struct RunRecord {
    RunId id = 0;
    std::string job, identity, fingerprint, params, settings, server;
    std::string token;  ///< random: a server without it does not hold this run
    std::string state, desired_state;
    Key bound_after, bound_upto, walk_position;
    bool bound_empty = false, walk_done = false;
    std::string started_at, finished_at, last_progress_at, last_error;  ///< UTC, RFC 3339; empty: never
    double worked_seconds = 0;
};

struct SackRecord {
    SackId id = 0;
    RunId run = 0;
    std::uint64_t ordinal = 0;
    Key after, upto, low;
    std::vector<Key> above;
    std::uint64_t fence = 0, seq = 0;
    std::uint64_t rows = 0;
    bool rows_exact = false;
    engine::Tally tally;
};

struct NewSack {
    Key after, upto;
    std::uint64_t rows = 0;
    bool rows_exact = false;
};

/// Sums over a run's sacks.
struct RunTotals {
    std::uint64_t sacks = 0, sacks_done = 0, sacks_running = 0;
    std::uint64_t rows_planned = 0, rows_done = 0;  ///< of all sacks; of the finished ones
    bool rows_exact = true;
    engine::Tally tally;
    std::uint64_t dead_letters = 0, waiting = 0;
};

struct WorkerIdentity {  ///< of this process, so that a later one on the same host can tell that it is gone
    std::string host, boot_id;
    std::uint64_t pid = 0, start_ticks = 0;
};

struct WorkerRecord {
    WorkerId id = 0;
    RunId run = 0;
    WorkerIdentity identity;
    std::vector<std::uint64_t> connection_ids;
    std::string lease_expires_at;
    bool lease_expired = false;
    std::optional<SackId> sack;
};

/// A sack's checkpoint: conditional on the fence and on the sequence number read or written before.
struct Checkpoint {
    SackId sack = 0;
    std::uint64_t fence = 0, seq = 0;
    Key low;
    std::vector<Key> above;
    engine::Tally tally;  ///< to be added
    bool completes = false;
};

struct DeadLetterRecord {
    std::uint64_t id = 0;
    RunId run = 0;
    SackId sack = 0;
    Key key;
    unsigned attempts = 0;
    std::string error_class, reason, first_at, last_at;
};

enum class CreateTables : std::uint8_t { if_allowed, never };

/// The run store: named statements of sql/statements on one session. Holds no state but the session and the
/// schema's name. Not thread-safe. Errors are db's. Times are the server's, UTC.
class Store {
public:
    Store(db::Session& session, std::string schema);

    /// Brings the schema to this version, one migration after another, safe against another process doing the
    /// same. Returns the names of what was applied. Throws Error{usage} with what to do where the tables are missing and may
    /// not be created, and Error{refused} where the schema is newer than this binary.
    std::vector<std::string> migrate();
    /// Whether the schema is there and of this version; nothing is written.
    bool is_current();

    // Runs
    RunRecord create_run(const NewRun& run);
    std::optional<RunRecord> find_run(RunId id);
    std::optional<RunRecord> newest_run();
    /// The newest run of this identity that is not succeeded, failed for good or cancelled.
    std::optional<RunRecord> unfinished_run(const std::string& identity);
    std::optional<RunRecord> newest_succeeded(const std::string& identity);
    /// The newest succeeded run of a job, whatever its parameters (`since = "last-run"`, `once`).
    std::vector<RunRecord> list_runs(std::size_t most);
    void set_state(RunId run, const std::string& state, const std::string& last_error);
    void set_fingerprint(RunId run, const std::string& fingerprint);
    void add_worked_seconds(RunId run, double seconds);
    /// Forgets a run's sacks and dead letters and cancels it (`--restart`).
    void abandon_run(RunId run);
    RunTotals totals(RunId run);

    // Sacks
    /// Stores planned sacks and the walk's position in one transaction, conditional on where the walk stood;
    /// throws Error{fenced} where another process walked on.
    void add_sacks(RunId run, std::span<const NewSack> sacks, const Key& walked_from, const Key& walked_to, bool walk_done);
    /// Claims the next pending sack (or one whose worker is gone) for a worker, in a short transaction of its own: READ
    /// COMMITTED, SKIP LOCKED where the server has it. Raises the fence.
    std::optional<SackRecord> claim_sack(RunId run, WorkerId worker);
    /// Gives a claimed sack back, where it is still ours.
    void release_sack(SackId sack, std::uint64_t fence);
    std::vector<SackRecord> list_sacks(RunId run, std::size_t most);
    /// Writes one checkpoint inside the caller's transaction. Throws Error{fenced} unless exactly one row was hit.
    void checkpoint(const Checkpoint& checkpoint);
    /// The statement that `checkpoint` executes, for those who send it in a packet with others.
    std::string checkpoint_statement(const Checkpoint& checkpoint) const;
    /// Several sacks' checkpoints in one transaction of its own, in id order. Returns the sacks that were fenced.
    std::vector<SackId> checkpoint_all(std::span<const Checkpoint> checkpoints, std::span<const engine::DeadLetter> dead_letters);
    /// SELECT … FOR UPDATE: waits for the transaction that may still be pending on it. Absent where the sack's row or its run's
    /// token is not there: another server, or one that lost it.
    std::optional<SackRecord> lock_sack(SackId sack, const std::string& run_token);

    // Dead letters
    void add_dead_letters(RunId run, SackId sack, std::span<const engine::DeadLetter> letters);
    void stream_dead_letters(RunId run, const std::string& error_class,
                             const std::function<void(const DeadLetterRecord&)>& each);

    // Workers
    WorkerId register_worker(RunId run, const WorkerIdentity& identity, std::chrono::milliseconds lease,
                             std::span<const std::uint64_t> connection_ids);
    /// False where the worker's row is gone: it was declared dead.
    bool renew_lease(WorkerId worker, std::chrono::milliseconds lease);
    void leave(WorkerId worker);
    std::vector<WorkerRecord> workers(RunId run);
    /// Removes a worker and sets its sacks back to pending.
    void declare_gone(WorkerId worker);

    db::Session& session() { return session_; }
    const std::string& schema() const { return schema_; }

private:
    db::Session& session_;
    std::string schema_;
};

/// This process: host name, boot id, pid and start time.
WorkerIdentity this_process();
/// Whether that process is known to be gone: same host and boot, and no such pid with that start time.
bool is_known_gone(const WorkerIdentity& worker);

}  // namespace rowmill::store
