#include "engine/batch.hpp"

#include "item/item_json.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <iterator>

namespace rowmill::engine {

Tally& Tally::operator+=(const Tally& other) {
    succeeded += other.succeeded;
    skipped += other.skipped;
    failed += other.failed;
    return *this;
}

Tally operator-(Tally all, const Tally& some) {
    all.succeeded -= std::min(all.succeeded, some.succeeded);
    all.skipped -= std::min(all.skipped, some.skipped);
    all.failed -= std::min(all.failed, some.failed);
    return all;
}

Batch slice(const Batch& batch, std::size_t first, std::size_t count) {
    const std::size_t past = first + count;
    return {.origin = batch.origin,
            .first_seq = batch.first_seq + first,
            .count = count,
            .after = first == 0 ? batch.after : batch.items[first - 1].key(),
            .upto = past == batch.items.size() ? batch.upto : batch.items[past - 1].key(),
            .items = batch.items.slice(first, count),
            .attempt = batch.attempt,
            .last_class = batch.last_class,
            .is_reckoned = batch.is_reckoned};
}

namespace {

/// Which items a settlement's tally is about.
void name_items(Settlement& settlement, const Batch& batch, const BatchOutcome& outcome) {
    auto named = outcome.named.begin();
    std::uint64_t unnamed_skips = outcome.skipped;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
        auto kind = Outcome::Kind::success;
        if (named != outcome.named.end() && named->first == i)
            kind = (named++)->second.kind;
        else if (unnamed_skips > 0 && unnamed_skips--)
            kind = Outcome::Kind::skip;
        if (kind == Outcome::Kind::success) settlement.succeeded.push_back(batch.items[i].key());
        if (kind == Outcome::Kind::skip) settlement.skipped.push_back(batch.items[i].key());
    }
}

template <typename T>
void move_behind(std::vector<T>& to, std::vector<T>&& later) {
    to.insert(to.end(), std::make_move_iterator(later.begin()), std::make_move_iterator(later.end()));
}

}  // namespace

Settlement settle(const Batch& batch, const BatchOutcome& outcome, bool by_item) {
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
        const Item item = batch.items[index];
        settlement.dead_letters.push_back({item.key(), batch.attempt, named.error_class, named.reason, to_json(item)});
    }
    settlement.tally.succeeded = count - settlement.tally.skipped - settlement.tally.failed;
    if (by_item) name_items(settlement, batch, outcome);
    return settlement;
}

void append(Settlement& settlement, Settlement&& later) {
    settlement.tally += later.tally;
    move_behind(settlement.dead_letters, std::move(later.dead_letters));
    move_behind(settlement.retries, std::move(later.retries));
    move_behind(settlement.succeeded, std::move(later.succeeded));
    move_behind(settlement.skipped, std::move(later.skipped));
}

}  // namespace rowmill::engine
