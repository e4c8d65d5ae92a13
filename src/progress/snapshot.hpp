#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::progress {

/// A worker process that takes part in a run.
struct WorkerView {
    std::string host;
    std::uint64_t pid = 0;
    std::vector<std::uint64_t> connection_ids;
    std::optional<std::uint64_t> sack;
    std::string lease_expires_at;
    bool is_self = false;  ///< the process that took the snapshot
    double rate = 0;
    std::uint64_t in_flight = 0, concurrency = 0;  ///< 0: bounded by its lanes
    std::string waiting_for{};                     ///< empty: it works
    std::optional<double> latency_seconds{};       ///< as Snapshot's
};

/// The state of a run at one moment: taken once, rendered everywhere. Its JSON is design's `status --json`.
/// Times are UTC, RFC 3339.
struct Snapshot {
    std::uint64_t run = 0;
    std::string job;
    std::string state;  ///< pending | running | paused | interrupted | succeeded | failed | cancelled
    std::string params_json = "{}";
    std::string started_at, finished_at;  ///< empty: not yet
    std::string bound;                    ///< the last key, for people
    std::string server;

    std::optional<std::uint64_t> total;  ///< items; unknown while counting, and with a filter until the end
    bool total_is_exact = false;
    std::optional<double> percent;  ///< 100 only when complete
    std::uint64_t settled = 0, succeeded = 0, skipped = 0, failed = 0;
    std::uint64_t dead_letters = 0, waiting_retry = 0, retried = 0, in_flight = 0;
    double rate = 0;  ///< settled items a second, of late
    std::optional<double> eta_seconds;
    std::string waiting_for;  ///< why it waits; empty: it does not
    std::map<std::string, double> waited_seconds;
    std::uint64_t batch = 0;  ///< the present batch size
    std::optional<double> lag_seconds;
    std::optional<double> latency_seconds;  ///< the mean time of a batch, or of an item that is worked on alone, of late: the mean of the workers' means
    std::string last_error;
    std::string last_progress_at;
    std::uint64_t sacks_total = 0, sacks_done = 0;
    std::vector<WorkerView> workers;
};

/// Where the time of a run's workers went, in seconds summed over workers.
struct TimeSpent {
    double read = 0, work = 0, commit = 0, waiting = 0;
};

/// How a run ended, for the summary.
struct Summary {
    Snapshot last;
    double elapsed_seconds = 0;
    std::uint64_t settled_here = 0;  ///< by this process since it started
    TimeSpent spent;
    std::string why_stopped;  ///< a sentence: "all sacks are done", "stopped by SIGTERM; run it again to resume"
    int exit_code = 0;
};

}  // namespace rowmill::progress
