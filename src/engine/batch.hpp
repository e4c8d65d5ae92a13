#pragma once

#include "engine/clock.hpp"

#include <rowmill/item.hpp>
#include <rowmill/outcome.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace rowmill::engine {

/// Where items come from: a sack, a claim of messages, a partition, a file.
using OriginId = std::uint64_t;

/// A place in an origin, as its ledger stores it: for a sack the key of a row. Empty: its beginning.
using Position = Key;

/// The items handed to an action in one call. They lie in the half-open stretch (after, upto] of their
/// origin. A source whose action needs only the stretch (`:range`) leaves `items` empty.
struct Batch {
    OriginId origin = 0;
    std::uint64_t first_seq = 0;  ///< sequence number of the first item within the origin
    std::uint64_t count =
        0;  ///< how many items; an estimate where only the stretch is known. 0: surely none, nothing is executed
    Position after;
    Position upto;
    Items items;
    unsigned attempt = 1;    ///< which attempt this is of its items, counted from 1
    std::string last_class{};  ///< what the attempt before failed with; empty for the first
    bool is_reckoned = false;  ///< see Page

    bool has_items() const { return items.size() == count; }
};

/// Some of a batch's items as a batch of their own, with the stretch that they lie in. Needs items.
Batch slice(const Batch& batch, std::size_t first, std::size_t count);

/// What an item of a page has behind it.
struct Trial {
    unsigned attempt = 1;
    std::string last_class;

    friend bool operator==(const Trial&, const Trial&) = default;
};

/// What a source read: a batch to be, cut into smaller ones where the action wants them smaller.
/// `upto` may lie beyond the last item, where nothing more matched.
struct Page {
    Items items;
    std::uint64_t count = 0;  ///< items.size(), or the estimate for a stretch without items
    Position after;
    Position upto;
    bool at_end = false;  ///< nothing follows in this origin. Only ever set after a whole, successful read
    bool is_reckoned = false;  ///< the items were not read: some of them may not be there, and the action counts those that are
    std::vector<Trial> trials{};  ///< of each item; empty: each comes for the first time
};

/// What an action says of a batch. Items that are not named were successes, but for `skipped` of them
/// where the server told only how many rows a statement matched.
struct BatchOutcome {
    std::uint64_t skipped = 0;
    std::vector<std::pair<std::uint32_t, Outcome>> named;  ///< by index in the batch, ascending
    /// Where only the action could count (`:range`): how many items there were. Else the batch's count.
    std::optional<std::uint64_t> counted;
};

struct Tally {
    std::uint64_t succeeded = 0;
    std::uint64_t skipped = 0;
    std::uint64_t failed = 0;

    std::uint64_t settled() const { return succeeded + skipped + failed; }
    Tally& operator+=(const Tally& other);
    /// Never below zero.
    friend Tally operator-(Tally all, const Tally& some);
    friend bool operator==(const Tally&, const Tally&) = default;
};

/// An item whose attempts are used up, to be kept with its last error.
struct DeadLetter {
    Key key;
    unsigned attempts = 1;
    std::string error_class;
    std::string reason;
    std::string item{};  ///< what was read of it, as JSON
};

/// An item that is to be tried again: the ledger keeps it, with its count of attempts, until its time comes.
struct Retry {
    Key key;
    unsigned attempts = 1;  ///< used up so far
    Duration delay{};       ///< from now on
    std::string error_class;
    std::string reason;
};

/// What a ledger records for one origin: everything up to `low` is settled or kept for a retry, and so are the items in
/// `above`.
struct Settlement {
    OriginId origin = 0;
    Position low;
    std::vector<Position> above{};           ///< settled out of order, above low; ascending by sequence
    Tally tally{};                           ///< what was settled since the last record
    std::vector<DeadLetter> dead_letters{};  ///< of those, the failed ones
    std::vector<Retry> retries{};            ///< not settled: to be tried again. Only of lanes without a transaction
    std::vector<Key> succeeded{}, skipped{};  ///< item by item, where the lane is `by_item`
    bool completes = false;                  ///< the origin has nothing left
};

/// How many items of a batch became what; the failed ones as dead letters. With `by_item` also which ones; where the server told
/// only how many were skipped, they are the first ones. Throws Error{internal} for an outcome that
/// names items which the batch does not have.
Settlement settle(const Batch& batch, const BatchOutcome& outcome, bool by_item = false);
/// Adds what has settled since, of the same origin.
void append(Settlement& settlement, Settlement&& later);

}  // namespace rowmill::engine
