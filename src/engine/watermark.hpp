#pragma once

#include "engine/batch.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace rowmill::engine {

/// How far an origin has got while its items settle in any order: `low` is the sequence number below which
/// everything is settled; what is settled above it is kept apart. Pure; not thread-safe.
class Watermark {
public:
    /// `start` is where the origin stands before its first item.
    explicit Watermark(Position start) : low_position_{std::move(start)} {}

    /// Items handed out, in order: `batch.first_seq` continues where the last one ended.
    void dispatched(const Batch& batch);
    /// Items of one batch that need nothing more. Each may be settled once only.
    void settled(std::uint64_t first_seq, std::uint64_t count);

    std::uint64_t next_seq() const { return next_seq_; }
    /// Items handed out that the low mark has not passed: the gap that bounds what a crash repeats.
    std::uint64_t gap() const { return next_seq_ - low_; }
    bool all_settled() const { return low_ == next_seq_; }
    std::uint64_t low() const { return low_; }
    /// The position of the last item below `low`, or where the origin stood before.
    Position low_position() const;
    /// The positions of the items settled above `low`, in order.
    std::vector<Position> above() const;

private:
    struct Stretch {
        std::uint64_t first = 0, count = 0;
        Items items;
        Position upto;
    };
    void advance();

    Position low_position_;         ///< of the last whole stretch passed
    std::uint64_t low_ = 0;
    std::uint64_t next_seq_ = 0;
    std::deque<Stretch> stretches_;  ///< from the one that holds `low` on
    std::map<std::uint64_t, std::uint64_t> islands_;  ///< settled above low: first -> past the end
};

}  // namespace rowmill::engine
