#pragma once

#include <string_view>
#include <vector>

namespace rowmill::engine {

/// A place where pulling the plug must be boring. With ROWMILL_FAILPOINT=name or name:N in the
/// environment the process kills itself with SIGKILL when it passes `name` for the N-th time (the first);
/// otherwise it costs one comparison. Thread-safe.
void failpoint(std::string_view name);

/// Every name there is, in the order in which a batch passes them. `failpoint` refuses any other, so that
/// the chaos tests, which enumerate this list, miss none.
const std::vector<std::string_view>& failpoint_names();

}  // namespace rowmill::engine
