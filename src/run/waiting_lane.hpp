#pragma once

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
    /// What a settlement says of them, for the store.
    std::vector<store::WaitingSettlement> of(std::span<const engine::Settlement> settlements) const;
    /// They were settled, or are not ours any more.
    void forget(std::span<const store::WaitingSettlement> settled);
    /// For those that renew them.
    std::vector<store::WaitingClaim> all() const;
    /// Each as it was before it was claimed: for those that were never begun.
    std::vector<store::WaitingSettlement> as_before() const;

private:
    const store::WaitingRecord& at(const Key& key) const;

    mutable std::mutex mutex_;
    std::map<std::string, store::WaitingRecord> claims_;  ///< by encoded key
    std::map<store::WaitingId, std::string> keys_;
};

/// The items of a run that wait for another attempt, those first that are due the longest: claimed in the store, and read again
/// by key. Those that are gone, or do not match the filter any more, are skips.
class WaitingSource : public engine::Source {
public:
    struct Parts {
        Link& reading;  ///< the table
        Link& store;    ///< used by this source alone
        StoreKey key;
        store::WorkerId worker = 0;
        std::chrono::milliseconds lease{};  ///< of a claim, to be renewed
        std::shared_ptr<const table::Selection> selection;
        std::shared_ptr<WaitingClaims> claims;
        /// Whether no item can come to wait any more; asked when none does.
        std::function<bool()> is_over;
        /// Waits for that time at most; returns early where items have come to wait, or there may be nothing left.
        std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait;
    };
    explicit WaitingSource(Parts parts) : parts_{std::move(parts)} {}

    engine::Page next(std::size_t max, std::stop_token stop) override;

private:
    std::vector<store::WaitingRecord> claim(std::size_t max);
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
