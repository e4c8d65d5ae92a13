#include "run/range_map.hpp"

#include "run/snapshot.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace rowmill::run {
namespace {

/// So many to a cell, so that cells of sacks in any number come out alike.
constexpr std::size_t pieces_to_a_cell = 4, least_pieces = 64;

}  // namespace

void RangeMap::Piece::take_on(const Piece& next) {
    upto = next.upto;
    is_running = is_running || next.is_running;
    sacks += next.sacks;
    done += next.done;
    rows += next.rows;
    settled += next.settled;
    failed += next.failed;
    rows_worked += next.rows_worked;
    sacks_worked += next.sacks_worked;
}

RangeMap::RangeMap(std::size_t most, std::optional<double> density)
    : most_{most}, density_{density}, most_pieces_{std::max(most * pieces_to_a_cell, least_pieces)} {}

void RangeMap::add(const store::SackGlance& sack) {
    Piece piece = piece_of(sack);
    piece.is_joined = !pieces_.empty() && pieces_.back().upto == sack.after;
    if (piece.is_joined && pieces_.back().sacks < sacks_in_piece_) return pieces_.back().take_on(piece);
    pieces_.push_back(std::move(piece));
    if (pieces_.size() > most_pieces_) join_neighbours();
}

RangeMap::Piece RangeMap::piece_of(const store::SackGlance& sack) const {
    const double fraction = fraction_of(sack);
    Piece piece;
    piece.after = sack.after;
    piece.upto = sack.upto;
    piece.ordinal = sack.ordinal;
    piece.is_running = sack.state == "running";
    piece.sacks = 1;
    piece.done = sack.state == "done" ? 1 : 0;
    piece.rows = sack.rows;
    piece.settled = sack.settled;
    piece.failed = sack.failed;
    piece.rows_worked = fraction * static_cast<double>(sack.rows);
    piece.sacks_worked = fraction;
    return piece;
}

double RangeMap::fraction_of(const store::SackGlance& sack) const {
    if (sack.state == "done") return 1;
    if (sack.settled == 0 && sack.low.empty()) return 0;
    // Few are: only those need their keys read.
    store::SackRecord begun;
    begun.after = decode_key(sack.after);
    begun.upto = decode_key(sack.upto);
    begun.low = sack.low.empty() ? begun.after : decode_key(sack.low);
    begun.rows = sack.rows;
    begun.tally.succeeded = sack.settled;
    return fraction_done(begun, density_);
}

void RangeMap::join_neighbours() {
    sacks_in_piece_ *= 2;
    std::vector<Piece> joined;
    for (Piece& piece : pieces_) {
        const bool fits = piece.is_joined && joined.back().sacks + piece.sacks <= sacks_in_piece_;
        if (fits)
            joined.back().take_on(piece);
        else
            joined.push_back(std::move(piece));
    }
    pieces_ = std::move(joined);
    // Where they do not touch there is nothing to join: not tried again for each that is added.
    most_pieces_ = std::max(most_pieces_, 2 * pieces_.size());
}

/// What begins where another ends comes next to it. A sack that is split off has the ordinal of its making, not of its place, so
/// ordinals only tell which comes first of those that nothing leads to.
RangeMap::Pieces RangeMap::in_order() const {
    struct Chain {
        std::size_t first, past;
    };
    std::vector<Chain> chains;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (!pieces_[i].is_joined) chains.push_back({i, i});
        chains.back().past = i + 1;
    }
    std::ranges::stable_sort(chains, {}, [&](const Chain& chain) { return pieces_[chain.first].ordinal; });
    std::unordered_map<std::string_view, std::size_t> begins;
    std::unordered_set<std::string_view> ends;
    for (std::size_t i = 0; i < chains.size(); ++i) {
        const std::string_view after = pieces_[chains[i].first].after, upto = pieces_[chains[i].past - 1].upto;
        // A later one that begins in the same place is reached in its turn.
        begins.emplace(after, i);
        if (upto != after) ends.insert(upto);
    }
    Pieces ordered;
    std::vector<bool> is_placed(chains.size());
    const auto follow = [&](std::size_t chain) {
        while (!is_placed[chain]) {
            is_placed[chain] = true;
            for (std::size_t i = chains[chain].first; i < chains[chain].past; ++i) ordered.push_back(&pieces_[i]);
            const auto next = begins.find(ordered.back()->upto);
            if (next == begins.end()) return;
            chain = next->second;
        }
    };
    for (std::size_t i = 0; i < chains.size(); ++i)
        if (!ends.contains(pieces_[chains[i].first].after)) follow(i);
    for (std::size_t i = 0; i < chains.size(); ++i) follow(i);
    return ordered;
}

RangeCell RangeMap::cell_of(const Piece& piece) {
    RangeCell cell;
    cell.sacks = piece.sacks;
    cell.rows = piece.rows;
    cell.settled = piece.settled;
    cell.dead_letters = piece.failed;
    const bool is_done = piece.done == piece.sacks;
    cell.state = is_done ? RangeCell::State::done : piece.is_running ? RangeCell::State::running : RangeCell::State::waiting;
    // By rows, where it is known of any how many it has; else each sack counts alike.
    const double worked = piece.rows > 0 ? piece.rows_worked / static_cast<double>(piece.rows)
                                         : piece.sacks_worked / static_cast<double>(piece.sacks);
    cell.fraction = is_done ? 1 : worked;
    cell.after = display(decode_key(piece.after));
    cell.upto = display(decode_key(piece.upto));
    return cell;
}

std::vector<RangeCell> RangeMap::cells() const {
    const Pieces ordered = in_order();
    std::uint64_t sacks = 0, taken = 0;
    for (const Piece* piece : ordered) sacks += piece->sacks;
    const std::size_t cells = std::min(ordered.size(), most_);
    std::vector<RangeCell> map;
    std::size_t at = 0;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        // Up to its share of all sacks, but leaving one piece at least for each cell to come.
        const std::uint64_t upto = (cell + 1) * sacks / cells;
        const std::size_t past = ordered.size() - (cells - cell - 1);
        Piece whole = *ordered[at];
        taken += ordered[at++]->sacks;
        for (; at < past && taken < upto; ++at) {
            whole.take_on(*ordered[at]);
            taken += ordered[at]->sacks;
        }
        map.push_back(cell_of(whole));
    }
    return map;
}

}  // namespace rowmill::run
