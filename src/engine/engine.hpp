#pragma once

#include "engine/work.hpp"

namespace rowmill::engine {

/// Works through all lanes that `assignments` hands out: `readers` threads read them, the dispatcher bounds what is in
/// flight, the executor works on it, and each settlement is recorded in its lane's ledger. Returns when no lane is left
/// or the run was asked to stop, with everything in flight come back and the last checkpoint written. `scope` is held
/// by every thread of its own. The error that failed the run, if one did, is in `work.error()`.
void run_lanes(Assignments& assignments, Work& work, const ThreadScope& scope);

}  // namespace rowmill::engine
