#include "run/sack_lane.hpp"

namespace rowmill::run {
namespace {

store::Checkpoint checkpoint_of(const engine::Settlement& settlement, std::uint64_t fence, std::uint64_t seq) {
    return {.sack = settlement.origin,
            .fence = fence,
            .seq = seq,
            .low = settlement.low,
            .above = settlement.above,
            .tally = settlement.tally,
            .completes = settlement.completes,
            .dead_letters = {},
            .retries = {}};
}

/// What stands where there is no such sack: one that was split off may be lost in a failover, with the claim of it.
engine::Standing without_sack(store::Store& store, const StoreKey& key) {
    if (store.holds(key.run, key.token)) return engine::Standing::moved;
    throw Error{ErrorKind::fatal, "the server that answers now does not hold this run; is it another server, or an older "
                                  "copy? Point the connection at the right one and run again"};
}

}  // namespace

SackSource::SackSource(Link& link, std::shared_ptr<const table::Selection> selection, std::shared_ptr<Stretch> stretch,
                       std::shared_ptr<table::SideBySide> learned)
    : link_{link}, selection_{std::move(selection)}, stretch_{std::move(stretch)}, learned_{std::move(learned)} {}

engine::Page SackSource::next(std::size_t max, std::stop_token stop) {
    return stretch_->read(max, stop, [&](const table::Range& left) {
        engine::Page page;
        link_.repeat([&](db::Session& session) {
            table::PageReader& reader = reader_on(session, left);
            try {
                page = reader.next(max, stop);
            } catch (...) {
                reader_.reset();  // whatever it had half read is read again from the last page's end
                throw;
            }
        });
        return page;
    });
}

table::PageReader& SackSource::reader_on(db::Session& session, const table::Range& left) {
    if (!reader_ || reads_on_ != &session) {
        reader_.emplace(session, selection_, left, 0, learned_);
        reads_on_ = &session;
    } else if (reads_upto_ != left.upto) {
        reader_->shorten(left.upto);
    }
    reads_upto_ = left.upto;
    return *reader_;
}

SackTransaction::SackTransaction(Link& link, StoreKey key, const store::SackRecord& sack)
    : GuardedTransaction{link}, key_{std::move(key)}, sack_{sack.id}, fence_{sack.fence}, seq_{sack.seq} {}

void SackTransaction::record(std::span<const engine::Settlement> settlements) {
    record_guarded([&](db::Session& session) {
        store::Store store{session, key_.schema};
        for (const engine::Settlement& settlement : settlements) {
            if (!settlement.dead_letters.empty())
                store.add_dead_letters(key_.run, settlement.origin, settlement.dead_letters);
            store.checkpoint(checkpoint_of(settlement, fence_, seq_));
        }
    });
}

void SackTransaction::commit() {
    GuardedTransaction::commit();
    ++seq_;
}

engine::Standing SackTransaction::standing(engine::OriginId, bool commit_sent) {
    // Waits for the transaction of the lost connection, which the link has ended where the server still had it open.
    store::Store store{link().session(), key_.schema};
    const auto sack = store.lock_sack(sack_, key_.token);
    if (!sack) return without_sack(store, key_);
    if (sack->fence != fence_) return engine::Standing::moved;
    if (sack->seq == seq_) return engine::Standing::not_recorded;
    if (commit_sent && sack->seq == seq_ + 1) {
        ++seq_;
        return engine::Standing::recorded;
    }
    return engine::Standing::moved;
}

void WorkTransaction::begin() {
    db::Session& session = link_.session();
    session.forget_deferred();
    session.defer("BEGIN");
}

void WorkTransaction::commit() { link_.session().execute("COMMIT"); }

void WorkTransaction::rollback() {
    link_.session().forget_deferred();
    link_.session().execute("ROLLBACK");
}

void WorkTransaction::reconnect() {
    link_.drop();
    link_.session();
}

void CheckpointLedger::opened(const store::SackRecord& sack) {
    const std::lock_guard lock{mutex_};
    places_[sack.id] = {sack.fence, sack.seq};
}

void CheckpointLedger::record(std::span<const engine::Settlement> settlements) {
    const std::lock_guard lock{mutex_};
    std::vector<store::Checkpoint> checkpoints;
    bool has_retries = false;
    for (const engine::Settlement& settlement : settlements) {
        const Place place = places_.at(settlement.origin);
        checkpoints.push_back(checkpoint_of(settlement, place.fence, place.seq));
        checkpoints.back().dead_letters = settlement.dead_letters;
        checkpoints.back().retries = settlement.retries;
        has_retries = has_retries || !settlement.retries.empty();
    }
    bool in_doubt = false;
    link_.repeat([&](db::Session& session) {
        store::Store store{session, key_.schema};
        // The write is one transaction: where one sack has moved on, all have.
        if (in_doubt && standing_of(store, settlements.front().origin) == engine::Standing::recorded) return;
        in_doubt = true;
        if (!store.checkpoint_all(checkpoints).empty())
            throw Error{ErrorKind::fenced, "a sack was taken over by another worker"};
    });
    for (const engine::Settlement& settlement : settlements) ++places_.at(settlement.origin).seq;
    if (has_retries && on_retries_) on_retries_();
}

engine::Standing CheckpointLedger::standing_of(store::Store& store, engine::OriginId origin) const {
    const Place place = places_.at(origin);
    const auto sack = store.lock_sack(origin, key_.token);
    if (!sack) return without_sack(store, key_);
    if (sack->fence != place.fence) return engine::Standing::moved;
    if (sack->seq == place.seq) return engine::Standing::not_recorded;
    return sack->seq == place.seq + 1 ? engine::Standing::recorded : engine::Standing::moved;
}

engine::Standing CheckpointLedger::standing(engine::OriginId origin, bool) {
    const std::lock_guard lock{mutex_};
    engine::Standing standing{};
    link_.repeat([&](db::Session& session) {
        store::Store store{session, key_.schema};
        standing = standing_of(store, origin);
    });
    if (standing == engine::Standing::recorded) ++places_.at(origin).seq;
    return standing;
}

}  // namespace rowmill::run
