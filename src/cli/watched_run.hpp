#pragma once

#include "cli/serve_flags.hpp"
#include "engine/stopping.hpp"
#include "progress/hub.hpp"
#include "run/request.hpp"

#include <string>

namespace rowmill::cli {

/// Works a run as run::execute does, and while that lasts serves its page, and those of the store's other runs. Notes where. Whoever
/// watches is told the end before it returns. `address`: empty, for port 8080 of this machine, or any that is free. Throws Error{usage}
/// where it can't listen there.
int work_watched(run::Request request, progress::Hub& hub, engine::Stopping& stopping, const ServeFlags& flags, const std::string& address);

}  // namespace rowmill::cli
