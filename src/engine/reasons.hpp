#pragma once

#include <string_view>

namespace rowmill::engine {

/// What is waited for where the rate is limited, as people read it, and as it is kept of a run.
inline constexpr std::string_view rate_is_limited = "the rate is limited";

}  // namespace rowmill::engine
