#pragma once

#include "table/pages.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace rowmill::table {

/// How a stretch can be cut in two halves of as many rows, the filter not asked.
struct Middle {
    std::optional<Key> key;   ///< of the lower half's last row, in reading order; absent where there are too few rows
    std::uint64_t below = 0;  ///< rows up to it
    std::uint64_t rows = 0;   ///< of the whole stretch, no more counted than `most`
};

/// Looks at the index alone, at no more than `most` entries: of a longer stretch the lower part is half of those. Keys are
/// compared by the server. Where the stretch has fewer than `least` rows (at least two) there is no middle. Rows that come
/// or go meanwhile make the halves uneven, no more. Throws Error{stopped} once stop is requested.
Middle find_middle(db::Session& session, const Selection& selection, const Range& stretch, std::uint64_t least,
                   std::uint64_t most, const std::stop_token& stop);

}  // namespace rowmill::table
