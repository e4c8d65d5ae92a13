#include "engine/batch.hpp"

#include <rowmill/error.hpp>

namespace rowmill::engine {

Tally& Tally::operator+=(const Tally& other) {
    succeeded += other.succeeded;
    skipped += other.skipped;
    failed += other.failed;
    return *this;
}

Batch slice(const Batch& batch, std::size_t first, std::size_t count) {
    const std::size_t past = first + count;
    return {.origin = batch.origin,
            .first_seq = batch.first_seq + first,
            .count = count,
            .after = first == 0 ? batch.after : batch.items[first - 1].key(),
            .upto = past == batch.items.size() ? batch.upto : batch.items[past - 1].key(),
            .items = batch.items.slice(first, count),
            .attempt = batch.attempt};
}

Settlement settle(const Batch& batch, const BatchOutcome& outcome) {
    Settlement settlement{.origin = batch.origin, .low = batch.upto};
    const std::uint64_t count = outcome.counted.value_or(batch.count);
    if (outcome.skipped + outcome.named.size() > count)
        throw Error{ErrorKind::internal, "an action answered for more items than it was given"};
    settlement.tally.skipped = outcome.skipped;
    for (const auto& [index, named] : outcome.named) {
        if (index >= batch.items.size())
            throw Error{ErrorKind::internal, "an action answered for an item that it was not given"};
        if (named.kind == Outcome::Kind::skip) ++settlement.tally.skipped;
        if (named.kind != Outcome::Kind::failure) continue;
        ++settlement.tally.failed;
        settlement.dead_letters.push_back({batch.items[index].key(), batch.attempt, named.error_class, named.reason});
    }
    settlement.tally.succeeded = count - settlement.tally.skipped - settlement.tally.failed;
    return settlement;
}

}  // namespace rowmill::engine
