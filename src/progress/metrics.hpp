#pragma once

#include "progress/snapshot.hpp"

#include <span>
#include <string>

namespace rowmill::progress {

/// What Prometheus reads: the snapshots as metrics, labelled by run, job and state, in its text format 0.0.4. Pure. Names and units go
/// by its conventions: rowmill_run_items_total{run,job,outcome}, rowmill_run_rate…, seconds, never milliseconds.
std::string to_metrics(std::span<const Snapshot> runs);

}  // namespace rowmill::progress
