#include "engine/load_window.hpp"

#include <algorithm>

namespace rowmill::engine {
namespace {

using namespace std::chrono_literals;

/// Many tell the average better; where they are slow, fewer must do.
constexpr std::uint64_t many = 50, few = 10;
constexpr Duration shortest = 100ms, long_enough_for_few = 1s, longest = 10s;

}  // namespace

void LoadWindow::begin(TimePoint now, std::uint64_t limit) {
    *this = {};
    begin_ = now;
    limit_ = limit;
}

bool LoadWindow::add(const Piece& piece) {
    if (piece.began < begin_) return false;
    const std::chrono::duration<double, std::micro> took = piece.ended - piece.began;
    latency_ += took.count() / static_cast<double>(std::max<std::uint64_t>(piece.items, 1));
    busiest_ = std::max(busiest_, piece.in_flight);
    refused_ += piece.refused ? 1 : 0;
    ++pieces_;
    room_ += piece.room;
    const auto age = piece.ended - begin_;
    // Of those that went in together all are waited for: the quick ones come first.
    const bool are_all = room_ >= limit_;
    if (are_all && pieces_ >= many) return age >= shortest;
    if (are_all && pieces_ >= few) return age >= long_enough_for_few;
    return age >= longest && (are_all || pieces_ >= few);
}

LoadSample LoadWindow::sample() const {
    const auto pieces = static_cast<double>(std::max<std::uint64_t>(pieces_, 1));
    return {latency_ / pieces, busiest_, static_cast<double>(refused_) / pieces};
}

}  // namespace rowmill::engine
