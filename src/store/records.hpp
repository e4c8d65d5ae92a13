#pragma once

#include "engine/batch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rowmill::store {

using RunId = std::uint64_t;
using SackId = std::uint64_t;
using WorkerId = std::uint64_t;
using WaitingId = std::uint64_t;

struct NewRun {
    std::string job, identity, fingerprint;  ///< see job/fingerprint.hpp
    std::string params;                      ///< masked JSON
    std::string settings;                    ///< JSON of the live settings
    std::string server;                      ///< display of the server
    Key bound_after, bound_upto;
    bool bound_empty = false;
    std::string definition{};  ///< JSON: how to find the job again. Holds no secrets
    /// What the newest run of this identity that succeeded must still be, 0: none has; absent: any.
    std::optional<RunId> newest_succeeded{};
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
    std::string definition;  ///< empty where the run was begun by a rowmill that did not store it
    std::string live_settings;  ///< JSON: what was changed of its settings while it was on; empty: nothing
};

/// What a run's workers are asked for.
struct ControlRecord {
    std::string state, desired_state;
    std::string live_settings;  ///< JSON; empty: nothing
    std::uint64_t seq = 0;      ///< another one whenever anything of it has changed, but for the state
};

/// A sack as stored. `low` is the key up to which it is settled: `after` where nothing is, so that what is left to
/// read is always (low, upto] without the keys in `above`.
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
    std::string state{};  ///< "pending", "running" or "done"
};

/// As much of a sack as a picture of the whole range takes. Valid only while it is looked at.
struct SackGlance {
    std::uint64_t ordinal = 0;
    std::string_view after, upto;  ///< as encode_key writes them
    std::string_view low;          ///< likewise; empty: at `after` yet, or the sack is done
    std::uint64_t rows = 0, settled = 0, failed = 0;
    std::string_view state;
};

/// What is left to claim and to wait for in a run, at one moment.
struct OpenSacks {
    std::uint64_t pending = 0, running = 0;  ///< no more counted than were asked for
    bool walk_done = false;
    Key walk_position;
    WorkerId first_worker = 0;  ///< the oldest one whose lease has not run out; 0: none
    std::uint64_t workers = 0;  ///< on the list, whatever their leases
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
    std::uint64_t dead_letters = 0;
    std::uint64_t waiting = 0;  ///< for another attempt, those in the middle of one included
};

/// Which process a worker is, so that a later one on the same host can tell that it is gone.
struct WorkerIdentity {
    std::string host;
    std::string boot_id;  ///< of the machine's boot and, where there is one, the pid namespace
    std::uint64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< since boot: tells a process from a later one that was given its pid
};

struct WorkerRecord {
    WorkerId id = 0;
    RunId run = 0;
    WorkerIdentity identity;
    std::vector<std::uint64_t> connection_ids;
    std::string lease_expires_at;
    bool lease_expired = false;
    std::optional<SackId> sack;  ///< the first of those it works on
    std::string report;          ///< JSON: how it gets on; empty: nothing told yet
};

/// A sack's checkpoint: conditional on the fence and on the sequence number read or written before.
struct Checkpoint {
    SackId sack = 0;
    std::uint64_t fence = 0, seq = 0;
    Key low{};
    std::vector<Key> above{};
    engine::Tally tally{};  ///< to be added
    bool completes = false;
    std::vector<engine::DeadLetter> dead_letters{};  ///< only `checkpoint_all` writes them
    std::vector<engine::Retry> retries{};            ///< and these
};

struct DeadLetterRecord {
    std::uint64_t id = 0;
    RunId run = 0;
    SackId sack = 0;
    Key key;
    unsigned attempts = 0;
    std::string error_class, reason, first_at, last_at;
    std::string item;  ///< what was read of the row, as JSON, cut at 16 KB
};

/// How many dead letters of a run are of a class.
struct ErrorClassRecord {
    std::string error_class;
    std::uint64_t count = 0;
    std::string example;  ///< the reason of one of them
};

/// A line for a run's log.
struct NewNote {
    bool is_warning = false;
    std::string line;
    std::chrono::milliseconds ago{0};  ///< so long before it is stored
};

/// A line of a run's log.
struct NoteRecord {
    std::uint64_t id = 0;
    std::string at;      ///< UTC, RFC 3339
    std::string worker;  ///< host:pid
    bool is_warning = false;
    std::string line;
};

/// How a run got on at a moment.
struct SampleRecord {
    std::string at{};  ///< UTC, RFC 3339
    std::uint64_t settled = 0, failed = 0, in_flight = 0;
    double rate = 0;  ///< items a second, of late
    std::optional<double> latency_seconds{};
    std::string waiting_for{};
};

/// An item that was claimed for another attempt.
struct WaitingRecord {
    WaitingId id = 0;
    SackId sack = 0;
    Key key;
    unsigned attempts = 1;  ///< this one included
    std::string last_class, reason;
    std::string token;     ///< of this claim: only under it does an answer count
    std::string first_at;  ///< when its first attempt failed
};

/// A claim on a waiting item, by who holds it.
struct WaitingClaim {
    WaitingId id = 0;
    std::string token;
};

/// What became of a claimed item. It carries its own part of the tally, so that what is no longer ours is not counted.
struct WaitingSettlement {
    enum class Done : std::uint8_t { succeeded, skipped };

    WaitingClaim claim;
    SackId sack = 0;
    /// Settled; or to be tried again, with the attempts used so far; or given up.
    std::variant<Done, engine::Retry, engine::DeadLetter> outcome;
};

}  // namespace rowmill::store
