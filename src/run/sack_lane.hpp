#pragma once

#include "engine/lane.hpp"
#include "run/guarded_transaction.hpp"
#include "run/link.hpp"
#include "run/stretch.hpp"
#include "store/store.hpp"
#include "table/pages.hpp"

#include <memory>
#include <string>

namespace rowmill::run {

/// Reads one sack, on a session that is replaced when it is lost: the reading goes on after the last page. Its end may come
/// nearer meanwhile.
class SackSource : public engine::Source {
public:
    /// `learned`: see PageReader.
    SackSource(Link& link, std::shared_ptr<const table::Selection> selection, std::shared_ptr<Stretch> stretch,
               std::shared_ptr<table::SideBySide> learned);

    engine::Page next(std::size_t max, std::stop_token stop) override;
    bool knows_next() const override { return reader_ && reader_->knows_next(); }

private:
    table::PageReader& reader_on(db::Session& session, const table::Range& left);

    Link& link_;
    std::shared_ptr<const table::Selection> selection_;
    std::shared_ptr<Stretch> stretch_;
    std::shared_ptr<table::SideBySide> learned_;
    std::optional<table::PageReader> reader_;
    Key reads_upto_;
    const db::Session* reads_on_ = nullptr;
};

/// Which run a sack's ledger belongs to.
struct StoreKey {
    std::string schema;
    store::RunId run = 0;
    std::string token;
};

/// The transaction and the ledger of a sack whose work is done on the store's own server: work, dead letters and checkpoint
/// commit together, or not at all. One thread at a time.
class SackTransaction : public GuardedTransaction, public engine::Ledger {
public:
    SackTransaction(Link& link, StoreKey key, const store::SackRecord& sack);

    void commit() override;
    void record(std::span<const engine::Settlement> settlements) override;
    engine::Standing standing(engine::OriginId origin, bool commit_sent) override;

private:
    StoreKey key_;
    store::SackId sack_;
    std::uint64_t fence_;
    std::uint64_t seq_;  ///< of the sack's row, as far as it is known to be committed
};

/// The transaction of a sack whose work is done elsewhere, or that can't be exactly once: it commits first, then its ledger
/// records, on the store's server.
class WorkTransaction : public engine::Transaction {
public:
    explicit WorkTransaction(Link& link) : link_{link} {}

    void begin() override;
    void commit() override;
    void rollback() override;
    void reconnect() override;
    bool record_inside() const override { return false; }

private:
    Link& link_;
};

/// The ledger of sacks whose work is not in the store's transaction: several sacks' checkpoints in one write, done again until
/// it is known to stand. Thread-safe.
class CheckpointLedger : public engine::Ledger {
public:
    /// `on_retries` is called when items that are to be tried again have been recorded.
    CheckpointLedger(Link& link, StoreKey key, std::function<void()> on_retries)
        : link_{link}, key_{std::move(key)}, on_retries_{std::move(on_retries)} {}

    void opened(const store::SackRecord& sack);
    void record(std::span<const engine::Settlement> settlements) override;
    engine::Standing standing(engine::OriginId origin, bool commit_sent) override;

private:
    struct Place {
        std::uint64_t fence = 0, seq = 0;
    };
    engine::Standing standing_of(store::Store& store, engine::OriginId origin) const;

    std::mutex mutex_;
    Link& link_;
    StoreKey key_;
    std::function<void()> on_retries_;
    std::map<store::SackId, Place> places_;
};

}  // namespace rowmill::run
