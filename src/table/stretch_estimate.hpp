#pragma once

#include "table/sacks.hpp"

namespace rowmill::table {

/// The next sack by estimates, after a counted one. Made for one call of `walk_sacks`; what it learns outlives it.
class StretchEstimate {
public:
    StretchEstimate(db::Session& session, const Selection& selection, const Bounds& bounds, std::uint64_t rows,
                    Density& density);
    /// Learns from a counted sack how dense the keys are, and how far off the optimizer.
    void learn(const PlannedSack& counted);
    /// Absent where it is time to count again, or no stretch of about so many rows could be found in a few looks.
    std::optional<PlannedSack> next(const Key& after);

private:
    std::optional<std::uint64_t> start_of(const PlannedSack& sack);
    double rows_between(std::uint64_t after, std::uint64_t upto);
    std::uint64_t next_key(std::uint64_t after);

    db::Session& session_;
    const Selection& selection_;
    const Bounds& bounds_;
    double wanted_;
    bool possible_;
    Density& density_;
};

}  // namespace rowmill::table
