#pragma once

#include "run/preparation.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>

namespace rowmill::run {

/// Where a new run would begin and end.
struct RunBounds {
    table::Bounds range;
    /// With since = "last-run": the run above whose bound it begins, 0 where none has succeeded yet. A new run may only begin
    /// while that is still the newest one.
    std::optional<store::RunId> last_run{};
    bool goes_on = false;  ///< the range is what lies above that run's bound
    /// False: an unfinished run was there to go on with, and where a new one would begin was not looked for.
    bool may_begin = true;
    bool settles = false;  ///< see bound_settles
};

/// Refuses since = "last-run" where the key does not only grow, or where no bound of it would settle. Throws Error{usage} or
/// Error{refused} that say what to do.
void check_since(const Request& request, const table::Selection& selection, const table::Settling& settling);

/// What the store knows of the runs of the same job and parameters.
struct LastRun {
    std::optional<store::RunRecord> succeeded{};  ///< the newest of those
    bool is_unfinished = false;                   ///< another is there to go on with
};
/// Absent where the job does not ask: it is not since = "last-run". `may_write`: an older store is brought up to date.
std::optional<LastRun> find_last_run(const Request& request, const Preparation& preparation, bool may_write);

/// Reads the bounds now, above that of the last run where there is one. Throws Error{refused} where that bound says nothing any
/// more: the table is another one or was emptied, or rows may have appeared below it.
RunBounds read_run_bounds(const Request& request, const Preparation& preparation, db::Session& session,
                          const std::optional<LastRun>& last);

/// Whether no row can appear at or below a run's bound once it has begun with its first.
bool bound_settles(const job::SourceSpec& source, const table::Settling& settling);

/// "run 12: rows above 4711 (run 11's bound) up to 9000"
std::string describe(store::RunId run, const RunBounds& bounds);

}  // namespace rowmill::run
