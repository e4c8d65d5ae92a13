#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace rowmill::store {

/// As many ids as go into one list: MariaDB turns an IN of a thousand into a join with a temporary table.
constexpr std::size_t ids_in_list = 500;

/// Calls `each` with one stretch after another of a list, of at most `ids_in_list` elements.
template <typename Element, typename Each>
void in_chunks(std::span<Element> all, Each&& each) {
    for (std::size_t first = 0; first < all.size(); first += ids_in_list) {
        each(all.subspan(first, std::min(ids_in_list, all.size() - first)));
    }
}

}  // namespace rowmill::store
