#include "engine/backoff.hpp"

#include <algorithm>

namespace rowmill::engine {

Duration Backoff::ceiling(unsigned attempt) const {
    Duration ceiling = first;
    for (unsigned step = 1; step < attempt && ceiling < cap; ++step) ceiling *= 2;
    return std::min(ceiling, cap);
}

Duration Backoff::wait(unsigned attempt, std::uint64_t random) const {
    const auto limit = static_cast<std::uint64_t>(std::max<Duration::rep>(0, ceiling(attempt).count()));
    return Duration{static_cast<Duration::rep>(random % (limit + 1))};
}

}  // namespace rowmill::engine
