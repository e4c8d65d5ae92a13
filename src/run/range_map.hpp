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

/// Draws the range of a run from its sacks, however many there are: it holds a few times as many pieces of the range as there are to be
/// cells, and only where the sacks hardly touch each other as many as there are sacks. One thread at a time.
class RangeMap {
public:
    /// `most`: so many cells at most. `density`: see fraction_done.
    RangeMap(std::size_t most, std::optional<double> density);

    /// One more, in any order: best next to the one that it lies beside.
    void add(const store::SackGlance& sack);
    /// The sacks in the order of their range, side by side by their ends, not by how keys compare (that the server alone knows); where
    /// there are more than `most`, neighbours share a cell, and each cell has about as many. What nothing leads to comes by ordinal.
    std::vector<RangeCell> cells() const;

private:
    /// Sacks that lie side by side.
    struct Piece {
        std::string after, upto;    ///< as they are stored
        std::uint64_t ordinal = 0;  ///< of the first
        bool is_joined = false;   ///< to the piece that was added before it: it begins where that one ends
        bool is_running = false;  ///< any of it
        std::uint64_t sacks = 0, done = 0, rows = 0, settled = 0, failed = 0;
        double rows_worked = 0, sacks_worked = 0;  ///< sums over the sacks of what has been worked through

        void take_on(const Piece& next);
    };
    using Pieces = std::vector<const Piece*>;

    Piece piece_of(const store::SackGlance& sack) const;
    double fraction_of(const store::SackGlance& sack) const;
    void join_neighbours();
    Pieces in_order() const;
    static RangeCell cell_of(const Piece& piece);

    const std::size_t most_;
    const std::optional<double> density_;
    std::vector<Piece> pieces_;
    std::size_t most_pieces_;
    std::uint64_t sacks_in_piece_ = 1;  ///< at most
};

}  // namespace rowmill::run
