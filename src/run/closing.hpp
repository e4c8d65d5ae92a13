#pragma once

#include "engine/work.hpp"
#include "run/assignments.hpp"
#include "run/monitor.hpp"

#include <chrono>
#include <string>

namespace rowmill::run {

/// How a process's part in a run ended.
struct Ending {
    std::string state;  ///< of the run
    std::string last_error;
    std::string why;
    std::string next{};  ///< what to do now, or who goes on; empty: nothing
    int exit_code = 0;

    std::string sentence() const { return next.empty() ? why : why + "; " + next; }
};

struct Closed {
    Ending ending;
    progress::Snapshot last;
};

/// Leaves the run, as this process's last deed, and says how it ended: by what happened here and by what other workers, or a
/// command, have made of it. Where the store can't be reached the run shows as interrupted by itself, and that is what the ending
/// says. `before_start`: see Opened.
Closed close_run(Mill& mill, const engine::Work& work, Monitor& monitor, bool all_done, const engine::Tally& before_start,
                 std::chrono::duration<double> elapsed);

}  // namespace rowmill::run
