#pragma once

#include "progress/snapshot.hpp"

#include <functional>

namespace rowmill::cli {

/// Shows how a run stands once a second until it has ended or nobody works on it: on a terminal in place, elsewhere a line each
/// time, or a JSON object a line. `look` may throw: what it says is shown, and it is asked again.
void watch(const std::function<progress::Snapshot()>& look, bool json);

}  // namespace rowmill::cli
