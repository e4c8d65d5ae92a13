#pragma once

#include "progress/snapshot.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace rowmill::run {

/// How a worker gets on, as it tells the store about twice a second: `workers.report`, JSON.
struct Report {
    std::uint64_t control_seq = 0;  ///< what was asked for up to here has been taken up
    std::uint64_t settled = 0;  ///< by this worker
    std::uint64_t in_flight = 0, retried = 0, batch = 0;
    std::uint64_t concurrency = 0;  ///< its limit; 0: bounded by its lanes
    double rate = 0;                ///< items a second
    std::string waiting_for;        ///< empty: it works
    bool is_leaving = false;        ///< it finishes what is in flight, and begins nothing more
    std::map<std::string, double> waited_seconds;
    std::optional<double> lag_seconds;
    std::optional<double> latency_seconds;  ///< the mean time of a batch, or of an item's call, of late
};

std::string encode(const Report& report);
/// Whatever of it can be read: a later version may tell other things.
Report decode_report(const std::string& json);

/// Adds what a worker tells to a run's snapshot, which has none of it yet or that of other workers: sums, the longest waits, the
/// largest batch. `waiting_for` is left alone: a run waits where all of its workers do.
void add_to(progress::Snapshot& now, const Report& report);

}  // namespace rowmill::run
