#pragma once

#include "engine/work.hpp"
#include "run/mill.hpp"
#include "run/monitor.hpp"
#include "run/run_log.hpp"

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
    progress::Summary summary;
    bool is_recorded = false;  ///< the store was there to the end
};

inline constexpr const char* was_cancelled = "the run was cancelled";

/// Whether a worker that ends with this error has failed the run; else it was only interrupted, or is no worker any more.
bool fails_the_run(const Error& error);
/// An error as the run's last one: named after this process, where others take part.
std::string with_culprit(store::Store& store, const Mill& mill, const std::string& reason);
/// What the others say of it.
std::string why_it_failed(const std::string& last_error);

/// Leaves the run, as this process's last deed, and says how it ended: by what happened here and by what other workers, or a
/// command, have made of it. Where the store can't be reached the run shows as interrupted by itself, and that is what the ending
/// says. What was noted, and how it ended, is written last. `before_start`: see Opened.
Closed close_run(Mill& mill, const engine::Work& work, Monitor& monitor, RunLog& log, bool all_done,
                 const engine::Tally& before_start, std::chrono::duration<double> elapsed);

/// What was noted since: a hook that failed at the end. In one attempt, which may fail.
void leave_last_words(const Mill& mill, RunLog& log);

}  // namespace rowmill::run
