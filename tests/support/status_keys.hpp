#pragma once

#include <string>
#include <vector>

namespace rowmill::test {

/// The keys of a status object, as they are documented and in their order.
inline const std::vector<std::string> status_keys{
    "run", "job", "state", "params", "started_at", "finished_at", "bound", "server", "total", "total_is_exact",
    "percent", "settled", "succeeded", "skipped", "failed", "dead_letters", "waiting_retry", "retried", "in_flight",
    "rate", "eta_seconds", "waiting_for", "waited_seconds", "batch", "lag_seconds", "latency_seconds", "last_error", "last_progress_at",
    "sacks", "workers"};

}  // namespace rowmill::test
