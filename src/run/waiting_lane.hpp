#pragma once

#include "engine/gate.hpp"
#include "run/guarded_transaction.hpp"
#include "run/sack_lane.hpp"
#include "store/store.hpp"
#include "table/pages.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rowmill::run {

/// No sack has this id.
inline constexpr engine::OriginId waiting_origin = 0;

/// The waiting items that this process has claimed for another attempt, by key. Thread-safe.
class WaitingClaims {
public:
    void add(const store::WaitingRecord& record);
    /// True for an item that is still in work here: its lease had ended, and the new claim takes the place of the old one.
    bool claimed_again(const store::WaitingRecord& record);
    /// What a settlement says of them, for the store; to be followed by `forget` or `keep`.
    std::vector<store::WaitingSettlement> of(std::span<const engine::Settlement> settlements);
    /// They were settled, or are not ours any more. One that was claimed anew meanwhile is another claim.
    void forget(std::span<const store::WaitingSettlement> settled);
    /// They could not be settled, and will be.
    void keep(std::span<const store::WaitingSettlement> unsettled);
    /// For those that renew them.
    std::vector<store::WaitingClaim> all() const;
    /// Each as it was before it was claimed: for those that were never begun.
    std::vector<store::WaitingSettlement> as_before() const;

private:
    struct Held {
        store::WaitingRecord record;
        bool is_settling = false;  ///< whoever claims it now finds it waiting anew
    };

    Held& at(const Key& key);
    Held* find(const store::WaitingClaim& claim);

    mutable std::mutex mutex_;
    std::map<std::string, Held> claims_;  ///< by encoded key
    std::map<store::WaitingId, std::string> keys_;
};

/// The items of a run that wait for another attempt, those first that are due the longest: claimed in the store, and read again
/// by key. Those that are gone, or do not match the filter any more, are skips.
class WaitingSource : public engine::Source {
public:
    /// Waits for that time at most; returns early where items have come to wait, or there may be nothing left.
    using Wait = std::function<void(std::chrono::milliseconds, const std::stop_token&)>;
    struct Parts {
        Link& reading;  ///< the table
        Link& store;    ///< used by this source alone
        StoreKey key;
        store::WorkerId worker = 0;
        std::chrono::milliseconds lease{};  ///< of a claim, to be renewed
        bool one_by_one = false;            ///< for statements that touch whatever lies between two keys
        std::shared_ptr<const table::Selection> selection;
        std::shared_ptr<WaitingClaims> claims;
        engine::Gate& gate;  ///< nothing is claimed while it is held: a claim counts an attempt
        /// Whether no item can come to wait any more; asked when none does.
        std::function<bool()> is_over;
        Wait wait;
    };
    explicit WaitingSource(Parts parts) : parts_{std::move(parts)} {}

    engine::Page next(std::size_t max, std::stop_token stop) override;

private:
    std::vector<store::WaitingRecord> claim(std::size_t max);
    /// In how long the next one is due; absent where none waits.
    std::optional<std::chrono::milliseconds> next_due();
    engine::Page page_of(std::vector<store::WaitingRecord> claimed);
    void skip(std::span<const store::WaitingRecord> gone);

    Parts parts_;
    engine::Position last_;
};

/// The ledger of waiting items whose work is not in the store's transaction. Thread-safe.
class WaitingLedger : public engine::Ledger {
public:
    WaitingLedger(Link& link, StoreKey key, std::shared_ptr<WaitingClaims> claims)
        : link_{link}, key_{std::move(key)}, claims_{std::move(claims)} {}

    void record(std::span<const engine::Settlement> settlements) override;
    /// Recording twice changes nothing.
    engine::Standing standing(engine::OriginId, bool) override { return engine::Standing::not_recorded; }

private:
    std::mutex mutex_;
    Link& link_;
    StoreKey key_;
    std::shared_ptr<WaitingClaims> claims_;
};

/// The transaction and the ledger of waiting items whose work commits together with what becomes of them. One thread at a time.
class WaitingTransaction : public GuardedTransaction, public engine::Ledger {
public:
    WaitingTransaction(Link& link, StoreKey key, std::shared_ptr<WaitingClaims> claims)
        : GuardedTransaction{link}, key_{std::move(key)}, claims_{std::move(claims)} {}

    void commit() override;
    void record(std::span<const engine::Settlement> settlements) override;
    engine::Standing standing(engine::OriginId origin, bool commit_sent) override;

private:
    StoreKey key_;
    std::shared_ptr<WaitingClaims> claims_;
    std::vector<store::WaitingSettlement> recorded_;  ///< not yet known to be committed
};

}  // namespace rowmill::run
