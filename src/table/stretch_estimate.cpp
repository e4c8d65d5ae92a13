#include "table/stretch_estimate.hpp"

#include "table/boundary.hpp"
#include "table/comparison.hpp"
#include "table/explain.hpp"
#include "table/integer_offsets.hpp"

#include <limits>

namespace rowmill::table {
namespace {

constexpr int looks = 12;
/// Below this a counted boundary costs no more than a few estimates, and estimates of a few pages are poor.
constexpr double least_rows = 10000;
constexpr double most_keys = 9e18;

std::uint64_t rounded(double keys) {
    return static_cast<std::uint64_t>(std::clamp(keys, 1.0, most_keys));
}

}  // namespace

StretchEstimate::StretchEstimate(db::Session& session, const Selection& selection, const Bounds& bounds,
                                 std::uint64_t rows)
    : session_{session},
      selection_{selection},
      bounds_{bounds},
      wanted_{static_cast<double>(rows)},
      possible_{selection.key.is_single_integer() && !selection.descending && !bounds.empty && wanted_ >= least_rows} {}

/// InnoDB dives into the index at both ends of the stretch and looks at a few pages between them.
double StretchEstimate::rows_between(std::uint64_t after, std::uint64_t upto) {
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const Range range{Key{offsets.value(after)}, Key{offsets.value(upto)}};
    const std::vector<Seek> parts = seeks(selection_.key, range, quote_for(session_));
    if (parts.empty()) return 0;
    const auto lines =
        explain(session_, select(selection_, key_list(selection_.key), parts.front().condition, Filtered::no));
    return lines.empty() ? 0 : static_cast<double>(lines.front().rows);
}

std::uint64_t StretchEstimate::next_key(std::uint64_t after) {
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const auto key = first_key(session_, selection_, {Key{offsets.value(after)}, bounds_.upto});
    return offsets.of(key ? key->front() : bounds_.upto.front());
}

void StretchEstimate::learn(const PlannedSack& counted) {
    learned_ = false;
    if (!possible_ || counted.after.empty() || includes_itself(selection_.key, counted.after)) return;
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const std::uint64_t after = offsets.of(counted.after.front());
    const std::uint64_t upto = offsets.of(counted.upto.front());
    const double estimated = rows_between(after, upto);
    const auto rows = static_cast<double>(counted.rows);
    if (estimated < 1 || rows < wanted_) return;
    scale_ = rows / estimated;
    step_ = upto - after;
    learned_ = true;
}

std::optional<PlannedSack> StretchEstimate::next(const Key& after) {
    if (!learned_) return {};
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const std::uint64_t start = offsets.of(after.front());
    const std::uint64_t longest = offsets.of(bounds_.upto.front()) - start;
    std::uint64_t too_short = 0;         // a step known to hold too few
    std::uint64_t too_long = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t step = std::min(step_, longest);
    for (int look = 0; look < looks; ++look) {
        const double rows = scale_ * rows_between(start, start + step);
        const bool is_enough = 2 * rows >= wanted_ || step == longest;
        if (is_enough && rows <= 2 * wanted_) {
            step_ = rounded(static_cast<double>(step) * std::clamp(wanted_ / std::max(rows, 1.0), 0.5, 2.0));
            return PlannedSack{after, Key{offsets.value(start + step)}, static_cast<std::uint64_t>(rows), false};
        }
        if (is_enough) {
            too_long = step;
        } else {
            too_short = step;
            // A hole may be any number of keys wide: over to its other side.
            if (16 * rows < wanted_) too_short = std::max(too_short, next_key(start + step) - start);
        }
        const double proportional = static_cast<double>(step) * wanted_ / std::max(rows, 1.0);
        const std::uint64_t beyond_hole = too_short + std::min(step_, longest);
        step = std::min(too_short > step ? beyond_hole : rounded(proportional), longest);
        if (step <= too_short || step >= too_long) step = too_short + (too_long - too_short) / 2;
        if (step <= too_short) return {};
    }
    return {};
}

}  // namespace rowmill::table
