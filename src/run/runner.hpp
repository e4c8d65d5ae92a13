#pragma once

#include "engine/stopping.hpp"
#include "progress/hub.hpp"
#include "run/request.hpp"

namespace rowmill::run {

/// Works a job: prepares, finds or creates the run, works through its sacks, closes it. Tells `hub` of the progress and of the end.
/// Returns the exit code. Throws Error for what is found before a run is worked on (see exit_code_of). `stopping` may be
/// asked from any thread; it also reports why the run ended early.
int execute(const Request& request, progress::Hub& hub, engine::Stopping& stopping);

}  // namespace rowmill::run
