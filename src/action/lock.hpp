#pragma once

#include "action/rendering.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace rowmill::action {

/// The rows of a batch that are worked on.
struct Rows {
    Items items;
    /// Their positions in the batch, ascending; empty where none was left out.
    std::vector<std::uint32_t> positions;

    std::uint32_t position(std::size_t row) const {
        return positions.empty() ? static_cast<std::uint32_t>(row) : positions[row];
    }
};

/// Locks the rows of the batch that still match the filter, and returns those with their values as they are now, which may not
/// be those that were read. Keys are told apart by their bytes: what
/// the server's collation takes for equal may be two rows of a batch.
Rows lock_rows(db::Session& session, const SqlPlan& plan, const Rendering& rendering, const Items& items);

/// The items at the positions, in their order.
Items pick(const Items& items, const std::vector<std::uint32_t>& positions, std::shared_ptr<const Shape> shape);

}  // namespace rowmill::action
