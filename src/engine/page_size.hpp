#pragma once

#include "engine/clock.hpp"

#include <cstdint>

namespace rowmill::engine {

/// How many items a page of a lane without a transaction should hold, so that they are handed out within about a quarter of
/// a second: what has been read can't be given to another worker any more, so that slow items are read a few at a time.
/// Pure; not thread-safe.
class PageSize {
public:
    /// At most so many items, in whole calls.
    explicit PageSize(std::uint64_t most) : most_{most} {}

    /// For calls of so many items: as many calls as fit, at least one.
    std::uint64_t size(std::uint64_t call_items) const;
    /// So many items were handed out in this time. A page grows or shrinks by two at most.
    void handed_out(std::uint64_t items, std::chrono::microseconds took);

private:
    std::uint64_t most_;
    std::uint64_t size_ = 16;
};

}  // namespace rowmill::engine
