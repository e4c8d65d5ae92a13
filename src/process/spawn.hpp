#pragma once

#include "process/descriptor.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace rowmill::process {

/// A child that was started, or why it was not.
struct Spawned {
    pid_t pid = -1;    ///< also the number of its process group
    int error = 0;     ///< errno
    std::string what;  ///< what could not be done
};

struct SpawnRequest {
    std::vector<std::string> arguments;        ///< the command first, looked up in the child's PATH
    std::vector<std::string> environment;      ///< NAME=value, all of it
    std::string folder;                        ///< empty: the caller's
    int input = -1, output = -1, errors = -1;  ///< above 2, or -1: the caller's own
    /// Called in the child, which shares the caller's memory then, before it becomes the program: its pid is known to
    /// whoever is told here, even if the caller is killed in the next moment. Must neither allocate nor lock.
    std::function<void(pid_t)> announce{};
};

/// Starts a child in a process group of its own, with default signals, none blocked, no descriptor but its stdio, to be
/// killed by the kernel when the caller's thread ends. For the supervisor: one thread, no signal handlers.
Spawned spawn(const SpawnRequest& request);

}  // namespace rowmill::process
