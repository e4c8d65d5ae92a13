#pragma once

#include "engine/stopping.hpp"
#include "progress/hub.hpp"
#include "run/preparation.hpp"

#include <memory>
#include <optional>

namespace rowmill::run {

/// A run that this process may work on, and its worker's row.
struct Opened {
    Preparation preparation;
    std::optional<store::RunRecord> run{};  ///< none: there is nothing to do (`once`, a dry run), and `exit_code` says so
    store::WorkerId worker = 0;
    bool is_new = false;        ///< the run was begun here, up to the bound that was read here
    store::RunTotals totals{};  ///< what other processes have done
    engine::Tally before_start{};  ///< what was done before the run was begun or resumed the last time
    std::unique_ptr<db::Session> stored{};  ///< with the run store
    /// The bound was read just before, and nothing may be read up to it before it has settled; none: it had before.
    std::unique_ptr<db::Session> reading{};
    std::unique_ptr<table::Settling> settling{};
    int exit_code = 0;
};

/// From a request to a run: connects, prepares, checks plans, then resumes the unfinished run of the same job and parameters or
/// creates one; with `join`, takes part in it. Throws Error (see exit_code_of), and Busy where live workers hold the run.
Opened open_run(const Request& request, progress::Hub& hub, engine::Stopping& stopping);

}  // namespace rowmill::run
