#include "run/sharing.hpp"

#include <algorithm>

namespace rowmill::run {

Worth worth_splitting(std::uint64_t page, std::uint64_t sack_rows) {
    const std::uint64_t least = 2 * std::max<std::uint64_t>(1, page);
    return {least, 2 * std::max(least, sack_rows)};
}

Shares share_rows(std::uint64_t rows, std::uint64_t rows_read, std::uint64_t rows_left, std::uint64_t kept, bool is_whole) {
    if (rows == 0) return {};
    // What was read is less than what was passed by where there is a filter; what is left was counted without it.
    const std::uint64_t above = rows_left - std::min(rows_left, kept);
    const std::uint64_t below = is_whole ? rows - std::min(rows, above) : std::min(rows, rows_read + kept);
    return {below, rows - below};
}

std::optional<bool> split_stands(const store::SackRecord& now, std::uint64_t fence, const Key& middle) {
    if (now.upto == middle) return true;
    if (now.fence != fence) return {};
    return false;
}

Next next_for_idle(const store::OpenSacks& open) {
    if (open.pending > 0) return Next::claim;
    if (!open.walk_done) return Next::wait;
    return open.running > 0 ? Next::share : Next::leave;
}

bool may_plan(const store::OpenSacks& open, store::WorkerId self, std::chrono::milliseconds without_sacks) {
    if (open.walk_done || open.pending >= planned_ahead) return false;
    if (open.first_worker == self || open.first_worker == 0) return true;
    return open.pending == 0 && without_sacks >= starving;
}

}  // namespace rowmill::run
