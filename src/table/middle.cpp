#include "table/middle.hpp"

#include "table/boundary.hpp"

#include <algorithm>

namespace rowmill::table {

Middle find_middle(db::Session& session, const Selection& selection, const Range& stretch, std::uint64_t least,
                   std::uint64_t most, const std::stop_token& stop) {
    const std::uint64_t fewest = std::max<std::uint64_t>(least, 2);
    const std::uint64_t counted = std::max(most, fewest);
    const Boundary end = find_boundary(session, selection, stretch, counted, Filtered::no, Tail::counted, stop);
    Middle middle;
    middle.rows = end.key ? counted : end.counted;
    if (middle.rows < fewest) return middle;
    middle.below = middle.rows - middle.rows / 2;
    middle.key = find_boundary(session, selection, stretch, middle.below, Filtered::no, Tail::not_counted, stop).key;
    // Nothing would be left above it: rows have gone since they were counted.
    if (middle.key && *middle.key == stretch.upto) middle.key.reset();
    return middle;
}

}  // namespace rowmill::table
