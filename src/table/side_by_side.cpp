#include "table/side_by_side.hpp"

#include "table/comparison.hpp"
#include "table/integer_offsets.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

/// A few at first, since after them comes the hole, if it comes soon; each time more, up to where finding costs next to nothing.
constexpr std::uint64_t fewest = 4, growth = 4, most_reckoned = 16;

}  // namespace

SideBySide::SideBySide(const Selection& selection)
    : type_{selection.key.columns.front().type},
      possible_{selection.key.is_single_integer() && !selection.descending && selection.filter.empty()} {}

void SideBySide::found(const Key& after, const Key& boundary, std::uint64_t rows) {
    left_ = 0;
    if (!possible_ || after.size() != 1) return;
    const IntegerOffsets offsets{type_};
    const bool is_dense = offsets.of(boundary.front()) - offsets.of(after.front()) == rows;
    last_ = is_dense ? std::clamp(growth * last_, fewest, most_reckoned) : 0;
    left_ = last_;
}

std::optional<SideBySide::Reckoned> SideBySide::next(const Range& range, std::uint64_t rows) {
    if (!reckons_next(range)) return {};
    --left_;
    const IntegerOffsets offsets{type_};
    const std::uint64_t after = offsets.of(range.after.front());
    const std::uint64_t left = offsets.of(range.upto.front()) - after;
    if (left <= rows) return Reckoned{range.upto, left};  // as it is written: by that a reader knows its end
    return Reckoned{Key{offsets.value(after + rows)}, rows};
}

void SideBySide::append_keys(Block& block, const Key& after, std::uint64_t count) const {
    const IntegerOffsets offsets{type_};
    const std::uint64_t start = offsets.of(after.front());
    for (std::uint64_t i = 1; i <= count; ++i) block.append(offsets.value(start + i).text());
}

}  // namespace rowmill::table
