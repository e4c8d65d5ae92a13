#pragma once

#include "engine/clock.hpp"
#include "engine/gradient_limit.hpp"

namespace rowmill::engine {

/// Gathers what items took under one limit until it is enough for a judgement: pieces of work that were begun before the
/// limit held don't count. Pure; not thread-safe.
class LoadWindow {
public:
    /// Empty, from now on, with this limit.
    void begin(TimePoint now, std::uint64_t limit);
    struct Piece {
        TimePoint began, ended;
        std::uint64_t items = 1;      ///< its latency is that of one of so many
        std::uint64_t room = 1;       ///< that it took up of the limit
        std::uint64_t in_flight = 1;  ///< of the limit, when it ended, itself included
        bool refused = false;         ///< it is to come again later
    };
    /// A piece of work was done. True where the window is full.
    bool add(const Piece& piece);
    LoadSample sample() const;

private:
    TimePoint begin_;
    std::uint64_t limit_ = 1;
    std::uint64_t pieces_ = 0, room_ = 0, refused_ = 0, busiest_ = 0;
    double latency_ = 0;  ///< of all, in µs
};

}  // namespace rowmill::engine
