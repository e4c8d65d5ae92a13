#include "engine/watermark.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::engine {

void Watermark::dispatched(const Batch& batch) {
    if (batch.first_seq != next_seq_) throw Error{ErrorKind::internal, "a batch was handed out of order"};
    next_seq_ += batch.count;
    stretches_.push_back({batch.first_seq, batch.count, batch.items, batch.upto});
    if (batch.count == 0) advance();
}

void Watermark::settled(std::uint64_t first_seq, std::uint64_t count) {
    if (count == 0) return;
    std::uint64_t past = first_seq + count;
    auto after = islands_.lower_bound(first_seq);
    const bool overlaps_next = after != islands_.end() && after->first < past;
    const bool overlaps_previous = after != islands_.begin() && std::prev(after)->second > first_seq;
    if (first_seq < low_ || past > next_seq_ || overlaps_next || overlaps_previous)
        throw Error{ErrorKind::internal, "an item was settled twice, or never handed out"};
    if (after != islands_.end() && after->first == past) {
        past = after->second;
        after = islands_.erase(after);
    }
    if (after != islands_.begin() && std::prev(after)->second == first_seq)
        std::prev(after)->second = past;
    else
        islands_.emplace_hint(after, first_seq, past);
    advance();
}

void Watermark::advance() {
    if (const auto first = islands_.begin(); first != islands_.end() && first->first == low_) {
        low_ = first->second;
        islands_.erase(first);
    }
    while (!stretches_.empty() && stretches_.front().first + stretches_.front().count <= low_) {
        low_position_ = std::move(stretches_.front().upto);
        stretches_.pop_front();
    }
}

Position Watermark::low_position() const {
    if (stretches_.empty() || stretches_.front().first >= low_) return low_position_;
    const Stretch& partly = stretches_.front();
    return partly.items[low_ - partly.first - 1].key();
}

std::vector<Position> Watermark::above() const {
    std::vector<Position> positions;
    auto stretch = stretches_.begin();
    for (const auto& [first, past] : islands_) {
        for (std::uint64_t seq = first; seq < past; ++seq) {
            while (stretch->first + stretch->count <= seq) ++stretch;
            positions.push_back(stretch->items[seq - stretch->first].key());
        }
    }
    return positions;
}

}  // namespace rowmill::engine
