#include "table/stretch_estimate.hpp"

#include "table/boundary.hpp"
#include "table/comparison.hpp"
#include "table/explain.hpp"
#include "table/integer_offsets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace rowmill::table {
namespace {

constexpr int looks = 12;
/// Below this a counted boundary costs no more than a few estimates, and estimates of a few pages are poor.
constexpr double least_rows = 10000;
constexpr double most_keys = 9e18;
/// So many sacks are placed after a counted one,
constexpr unsigned first_trust = 15;
/// twice as many where it turns out that they were placed well, and so on up to
constexpr unsigned most_trust = 240;
constexpr double well_placed = 0.1;

std::uint64_t rounded(double keys) {
    return static_cast<std::uint64_t>(std::clamp(keys, 1.0, most_keys));
}

}  // namespace

StretchEstimate::StretchEstimate(db::Session& session, const Selection& selection, const Bounds& bounds,
                                 std::uint64_t rows, Density& density)
    : session_{session},
      selection_{selection},
      bounds_{bounds},
      wanted_{static_cast<double>(rows)},
      possible_{selection.key.is_single_integer() && !selection.descending && !bounds.empty && wanted_ >= least_rows},
      density_{density} {}

/// InnoDB dives into the index at both ends of the stretch and looks at a few pages between them.
double StretchEstimate::rows_between(std::uint64_t after, std::uint64_t upto) {
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const Range range{Key{offsets.value(after)}, Key{offsets.value(upto)}};
    const std::vector<Seek> parts = seeks(selection_.key, range, quote_for(session_));
    if (parts.empty()) return 0;
    // MySQL looks into no index that it is forced to use, and says 1.
    const std::string from = session_.server().is_mariadb() ? selection_.from() : selection_.partitioned_table();
    const auto lines =
        explain(session_, "SELECT " + key_list(selection_.key) + " FROM " + from + " WHERE " + parts.front().condition);
    if (lines.empty() || lines.front().key != selection_.key.index) return 0;
    return static_cast<double>(lines.front().rows);
}

std::uint64_t StretchEstimate::next_key(std::uint64_t after) {
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const auto key = first_key(session_, selection_, {Key{offsets.value(after)}, bounds_.upto});
    return offsets.of(key ? key->front() : bounds_.upto.front());
}

/// The key before the sack's rows, or its first one where it has no beginning: that single row makes no difference.
std::optional<std::uint64_t> StretchEstimate::start_of(const PlannedSack& sack) {
    if (!sack.after.empty() && includes_itself(selection_.key, sack.after)) return {};
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    if (!sack.after.empty()) return offsets.of(sack.after.front());
    const auto first = first_key(session_, selection_, {sack.after, sack.upto});
    if (!first) return {};
    return offsets.of(first->front());
}

void StretchEstimate::learn(const PlannedSack& counted) {
    const Density before = std::exchange(density_, {});
    const auto rows = static_cast<double>(counted.rows);
    if (!possible_ || rows < wanted_) return;
    const auto after = start_of(counted);
    if (!after) return;
    const std::uint64_t upto = IntegerOffsets{selection_.key.columns[0].type}.of(counted.upto.front());
    const double estimated = rows_between(*after, upto);
    if (estimated < 1) return;
    density_.scale = rows / estimated;
    density_.step = upto - *after;
    const bool was_right = std::abs(density_.scale - before.scale) <= well_placed * before.scale;
    density_.trust = was_right && before.placed >= before.trust ? std::min(2 * before.trust, most_trust) : first_trust;
}

std::optional<PlannedSack> StretchEstimate::next(const Key& after) {
    // A walk may begin anew after it has learned: where the server was lost before its first sacks were stored.
    const bool is_at_beginning = after.empty() || includes_itself(selection_.key, after);
    if (is_at_beginning || density_.scale == 0 || density_.placed >= density_.trust) return {};
    const IntegerOffsets offsets{selection_.key.columns[0].type};
    const std::uint64_t start = offsets.of(after.front());
    const std::uint64_t longest = offsets.of(bounds_.upto.front()) - start;
    std::uint64_t too_short = 0;         // a step known to hold too few
    std::uint64_t too_long = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t step = std::min(density_.step, longest);
    for (int look = 0; look < looks; ++look) {
        const double rows = density_.scale * rows_between(start, start + step);
        const bool is_enough = 2 * rows >= wanted_ || step == longest;
        if (is_enough && rows <= 2 * wanted_) {
            ++density_.placed;
            density_.step = rounded(static_cast<double>(step) * std::clamp(wanted_ / std::max(rows, 1.0), 0.5, 2.0));
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
        const std::uint64_t beyond_hole = too_short + std::min(density_.step, longest);
        step = std::min(too_short > step ? beyond_hole : rounded(proportional), longest);
        if (step <= too_short || step >= too_long) step = too_short + (too_long - too_short) / 2;
        if (step <= too_short) return {};
    }
    return {};
}

}  // namespace rowmill::table
