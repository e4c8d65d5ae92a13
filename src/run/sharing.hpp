#pragma once

#include "store/records.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

// How the workers of a run come to agree, with nothing but the store between them: what each of them decides, given what it sees.
// Pure; the acting is in assignments.cpp and splitting.cpp, the rules of the store in sql/statements/sacks.sql.

namespace rowmill::run {

/// Rows that a stretch must hold to be split, and how many are counted at most, for sacks of `sack_rows` rows that are read
/// `page` rows at a time: with less than two pages the owner is as good as done.
struct Worth {
    std::uint64_t least = 2, most = 2;
};
Worth worth_splitting(std::uint64_t page, std::uint64_t sack_rows);

/// How many rows two halves have. The sum is what the sack was planned with, so that the run's total stays what it was; 0
/// where that is not known.
struct Shares {
    std::uint64_t below = 0, above = 0;
};
/// `rows_read` of the sack's `rows` were read, of the `rows_left` counted behind them `kept` stay; `is_whole`: no more are left.
Shares share_rows(std::uint64_t rows, std::uint64_t rows_read, std::uint64_t rows_left, std::uint64_t kept, bool is_whole);

/// After a split whose COMMIT had no answer: whether it stands, as the store has it now; absent where the sack has another
/// owner, who may have split it himself.
std::optional<bool> split_stands(const store::SackRecord& now, std::uint64_t fence, const Key& middle);

/// What a reader without a sack does.
enum class Next : std::uint8_t {
    claim,  ///< there is one
    wait,   ///< there will be: it is being planned
    share,  ///< there is none, but part of one that is worked on
    leave,  ///< there is none and there will be none
};
Next next_for_idle(const store::OpenSacks& open);

/// How many sacks may be planned and not yet claimed: the walk runs ahead of the workers, but never plans a million.
constexpr std::uint64_t planned_ahead = 64;
/// So long a run may be without a sack to claim before others plan too.
constexpr std::chrono::seconds starving{2};
/// Whether this worker plans more sacks now. One does it for all, the one that is there the longest; where it does not (it
/// drains, it sleeps), so that nothing has been there to claim for `without_sacks`, everybody may: the store takes one's.
bool may_plan(const store::OpenSacks& open, store::WorkerId self, std::chrono::milliseconds without_sacks);

}  // namespace rowmill::run
