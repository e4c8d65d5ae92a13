#pragma once

#include "table/pages.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace rowmill::table {

/// A sack to be: the stretch (after, upto] and how many rows of the table (the filter not asked) it holds.
struct PlannedSack {
    Key after, upto;
    std::uint64_t rows = 0;
    bool rows_exact = false;
};

/// Where a walk stands: the last boundary found. Stored in the transaction that stores the sacks.
struct Walk {
    Key position;  ///< empty: nothing walked yet
    bool done = false;
};

/// The bounds of a run: the first key wanted (exclusive `after`, empty: from the beginning) and the last one,
/// inclusive. In reading order: a descending run's `after` is its largest key, written so that it is included (see
/// table/comparison.hpp); later keys above it are left out.
struct Bounds {
    Key after;
    Key upto;
    Key first;           ///< the first key there was in reading order; for `width_sacks` and for people
    bool empty = false;  ///< no row at all
};

/// Reads the run's bounds now: `from`/`to` applied (both included), the last key in reading order frozen.
/// For a descending run the frozen key is the first: rows above it are left out by `after`'s bound.
Bounds read_bounds(db::Session& session, const Selection& selection, const std::vector<std::string>& from,
                   const std::vector<std::string>& to);

/// The bounds of what lies above a key that was read up to before, that key and all below it left out; up to `to`, where it says
/// something. Ascending keys. Where nothing lies above: empty, and both bounds are that key, so that it stays the bound.
Bounds read_bounds_above(db::Session& session, const Selection& selection, const Key& above,
                         const std::vector<std::string>& to);

/// How the wait for a bound to settle ended.
struct SettleResult {
    bool complete = true;
    std::string why_not;  ///< the server does not tell us what is open (no PROCESS privilege)
    std::chrono::milliseconds waited{0};
};

/// Waits until the transactions that were open when it was made have ended, so that no id below a bound that was read just
/// before appears later; or for the job's fixed time. Made early, it looks twice while other things are done. One thread.
class Settling {
public:
    Settling(db::Session& session, const job::SourceSpec::Settle& settle);
    ~Settling();
    Settling(const Settling&) = delete;
    Settling& operator=(const Settling&) = delete;

    /// Why it can't be known whether the bound has settled; empty: it will be.
    std::string why_unknown() const;
    /// Calls `waiting` with a reason about once a second. Throws Error{stopped}.
    SettleResult finish(std::stop_token stop, const std::function<void(const std::string&)>& waiting);

private:
    class Teller;
    struct Looks;
    void wait_for_transactions(const std::stop_token& stop, Teller& teller);
    void wait_fixed(std::chrono::milliseconds time, const std::stop_token& stop, Teller& teller);

    db::Session& session_;
    job::SourceSpec::Settle settle_;
    std::unique_ptr<Looks> looks_;
};

/// Both at once: from now on, until it is settled.
SettleResult settle_bound(db::Session& session, const job::SourceSpec::Settle& settle, std::stop_token stop,
                          const std::function<void(const std::string&)>& waiting);

/// Rows to a sack, for about `estimated_rows` and so many workers: at most `most`, fewer where the table would give each worker
/// only a few sacks, and the last ones would leave most workers idle. Pure.
std::uint64_t rows_per_sack(std::uint64_t most, std::uint64_t estimated_rows, unsigned workers);

/// How far apart the boundaries of sacks are. About so many rows may be half or double as many.
struct Spacing {
    std::uint64_t rows = 50000;
    bool exact = true;
};

/// What a walk has learned, from the last sack that it counted, of how closely the rows lie. Forgotten, a sack is counted anew.
struct Density {
    double scale = 0;        ///< rows for each one that the optimizer estimates; 0: not known
    std::uint64_t step = 0;  ///< keys that hold about as many rows as are wanted
    unsigned trust = 0;      ///< so many sacks may be placed by it
    unsigned placed = 0;     ///< so many have been
};

/// Plans by `rows`: walks the key index, at most `most` sacks a call. Advances `walk`. To walk exactly is to have the server
/// count every entry of the index. Where the spacing need not be exact, the first sack is counted, and the next ones of a key
/// of one integer are placed by what the optimizer estimates for a stretch, measured by that first one; now and then one is
/// counted again, more seldom while that agrees, and so is a stretch whose estimate does not fit.
std::vector<PlannedSack> walk_sacks(db::Session& session, const Selection& selection, const Bounds& bounds,
                                    Spacing spacing, std::size_t most, Walk& walk, Density& density);

/// Plans by `width`: `count` integer stretches of equal width. Pure but for nothing; throws Error{refused}
/// where the key is not a single integer. Extremes of 64 bits do not overflow. Fewer where there are fewer keys.
std::vector<PlannedSack> width_sacks(const KeySpec& key, const Bounds& bounds, std::uint64_t count, bool descending);

}  // namespace rowmill::table
