#pragma once

#include "store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// A part of a run's range, for people to look at: a sack, or some that lie side by side.
struct RangeCell {
    enum class State : std::uint8_t { waiting, running, done };

    State state = State::waiting;  ///< done: all of it; running: any of it
    double fraction = 0;           ///< how much of it has been worked through, from 0 to 1
    std::uint64_t sacks = 1, rows = 0, settled = 0, dead_letters = 0;
    std::string after, upto;  ///< for people
};

/// The sacks in the order of their range, side by side by their ends, not by how keys compare (that the server alone knows); where there
/// are more than `most`, neighbours share a cell. `density`: see fraction_done.
std::vector<RangeCell> range_map(const std::vector<store::SackRecord>& sacks, std::size_t most, std::optional<double> density);

}  // namespace rowmill::run
