#pragma once

#include "engine/batch_size.hpp"
#include "engine/page_size.hpp"

namespace rowmill::engine {

/// What a reader has learnt, and keeps from one lane to the next. Not thread-safe.
struct Pace {
    BatchSize batch;  ///< of lanes with a transaction
    PageSize page;    ///< of the others
    std::chrono::microseconds worked{0};  ///< and not rested for yet
};

}  // namespace rowmill::engine
