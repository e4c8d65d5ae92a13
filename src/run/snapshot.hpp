#pragma once

#include "job/read.hpp"
#include "progress/snapshot.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rowmill::run {

/// What the store keeps of a run beside its columns, so that others can show it: `runs.settings`.
struct StoredSettings {
    bool filtered = false;
    bool descending = false;
    std::uint64_t estimated_rows = 0;
    std::uint64_t batch = 0;
    engine::Tally before_start{};  ///< what was settled when the run was begun or resumed the last time: failures count from there
    std::uint64_t canary = 0;       ///< so many rows first, spread over the range, and then a pause; 0: none, or they are done
    bool has_succeeded = false;     ///< before its dead letters were tried again
    job::Overrides live{};          ///< what can be set while it is on, as it was when it was begun or resumed the last time; masked
    bool bound_settles = false;  ///< no row may appear at or below the bound once the run has begun with its first
};

std::string encode(const StoredSettings& settings);
StoredSettings decode_settings(const std::string& json);

/// A run as the store knows it, with what its live workers tell, but for `self`, which knows better. A running run without a
/// live worker is `interrupted`.
progress::Snapshot snapshot_of(store::Store& store, const store::RunRecord& run, std::optional<store::WorkerId> self = {});

/// How many items are about to be settled yet; absent while nothing is known to go by.
std::optional<std::uint64_t> items_left(const progress::Snapshot& now);

/// The mean of the latencies of those that know theirs.
std::optional<double> mean_latency(std::span<const progress::WorkerView> workers);

/// Which share of the rows of the sacks that are done was settled, and not left out by the filter. Absent: nothing to tell by yet.
std::optional<double> density_of(const StoredSettings& settings, const store::RunTotals& totals,
                                 const std::vector<store::SackRecord>& begun);

/// How much of a sack has been worked through, from 0 to 1: by rows, where it is known how many of a sack's rows are settled
/// (`density`, 1 without a filter); else by key distance, where the keys are integers.
double fraction_done(const store::SackRecord& sack, std::optional<double> density);

/// Whether any of the workers may still be alive: its lease runs, and its process is not known to be gone.
bool is_alive(const store::WorkerRecord& worker);

}  // namespace rowmill::run
