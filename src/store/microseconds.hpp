#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rowmill::store {

/// As statements take it for `INTERVAL … MICROSECOND`. A time that has passed is 0.
inline std::uint64_t in_microseconds(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max(std::chrono::microseconds{time}, std::chrono::microseconds{0}).count());
}

}  // namespace rowmill::store
