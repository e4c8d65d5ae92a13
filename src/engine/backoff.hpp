#pragma once

#include "engine/clock.hpp"

#include <cstdint>

namespace rowmill::engine {

/// Exponential backoff with full jitter: a wait drawn evenly from [0, min(cap, first · 2^(attempt−1))].
/// Source of the scheme: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
struct Backoff {
    Duration first{100};
    Duration cap{30000};

    /// The upper end for the given attempt, counted from 1.
    Duration ceiling(unsigned attempt) const;
    /// `random` is any 64 evenly distributed bits.
    Duration wait(unsigned attempt, std::uint64_t random) const;
};

}  // namespace rowmill::engine
