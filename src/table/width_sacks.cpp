#include "table/integer_offsets.hpp"
#include "table/sacks.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

/// width × part ÷ parts, rounded down, without overflow for fewer than 2³² parts.
std::uint64_t share(std::uint64_t width, std::uint64_t part, std::uint64_t parts) {
    return width / parts * part + width % parts * part / parts;
}

}  // namespace

std::vector<PlannedSack> width_sacks(const KeySpec& key, const Bounds& bounds, std::uint64_t count, bool descending) {
    if (!key.is_single_integer()) {
        throw Error{ErrorKind::refused, "sacks of equal width need a key of one integer column; index " + key.index +
                                            " is none: use sacks = \"rows\""};
    }
    if (bounds.empty) return {};
    const IntegerOffsets offsets{key.columns[0].type};
    const std::uint64_t last = offsets.of(bounds.upto.front());
    const Key& start = bounds.first.empty() ? bounds.after : bounds.first;
    const std::uint64_t first = start.empty() ? offsets.likely_start(last) : offsets.of(start.front());
    const std::uint64_t width = descending ? first - last : last - first;
    const std::uint64_t parts = std::clamp<std::uint64_t>(count, 1, 1'000'000);
    std::vector<PlannedSack> sacks;
    Key after = bounds.after;
    for (std::uint64_t part = 1; part <= parts; ++part) {
        const std::uint64_t step = share(width, part, parts);
        Key upto{offsets.value(descending ? first - step : first + step)};
        if (part == parts) upto = bounds.upto;
        const bool holds_keys = sacks.empty() || upto != after;
        if (!holds_keys) continue;
        sacks.push_back({after, upto, 0, false});
        after = std::move(upto);
    }
    return sacks;
}

}  // namespace rowmill::table
