#pragma once

#include "table/sacks.hpp"

namespace rowmill::table {

/// The next sack by estimates, after a counted one of the same call. Made for one call of `walk_sacks`.
class StretchEstimate {
public:
    StretchEstimate(db::Session& session, const Selection& selection, const Bounds& bounds, std::uint64_t rows);
    /// Learns from a counted sack how dense the keys are, and how far off the optimizer.
    void learn(const PlannedSack& counted);
    /// Absent where no stretch of about so many rows could be found in a few looks.
    std::optional<PlannedSack> next(const Key& after);

private:
    double rows_between(std::uint64_t after, std::uint64_t upto);
    std::uint64_t next_key(std::uint64_t after);

    db::Session& session_;
    const Selection& selection_;
    const Bounds& bounds_;
    double wanted_;
    bool possible_;
    bool learned_ = false;
    double scale_ = 0;        ///< rows for each one estimated
    std::uint64_t step_ = 0;  ///< keys that hold about as many rows as are wanted
};

}  // namespace rowmill::table
