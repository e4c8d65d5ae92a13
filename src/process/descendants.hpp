#pragma once

#include <sys/types.h>

#include <vector>

namespace rowmill::process {

/// The processes that descend from `ancestor`, as /proc tells; without those that have ended and wait to be reaped.
std::vector<pid_t> descendants_of(pid_t ancestor);

/// Kills all descendants of this process, which must be a child subreaper, in whatever group or session they are, and
/// reaps them, until none is left, or only such as it may not kill. SIGCHLD must be blocked.
void kill_descendants();

}  // namespace rowmill::process
