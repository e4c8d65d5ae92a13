#pragma once

#include "throttle/throttle.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace rowmill::throttle {

using WallClock = std::function<std::chrono::sys_seconds()>;
std::chrono::sys_seconds system_time();

/// Waits outside of the opening hours, which are as OpeningHours::parse reads them.
std::unique_ptr<Throttle> window(std::string_view hours, WallClock now = system_time);

}  // namespace rowmill::throttle
