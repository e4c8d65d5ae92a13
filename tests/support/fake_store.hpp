#pragma once

#include "store/records.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace rowmill::test {

/// One run's sacks and workers in memory, changed by the rules that sql/statements/sacks.sql and workers.sql have; the real Store is
/// held against it in tests/integration/store. Calls are named as the Store's and throw what those throw. Time is told.
class FakeStore {
public:
    using Time = std::chrono::milliseconds;

    struct Sack : store::SackRecord {
        enum class State : std::uint8_t { pending, running, done } state = State::pending;
        store::WorkerId worker = 0;
        bool split_wanted = false;
        std::optional<Time> asked_at{};
    };

    Time now{0};

    const std::vector<Sack>& sacks() const { return sacks_; }
    bool walk_done() const { return walk_done_; }
    bool has_worker(store::WorkerId worker) const { return leases_.contains(worker); }

    void add_sacks(std::span<const store::NewSack> sacks, const Key& from, const Key& to, bool done) {
        if (walk_done_ || walk_position_ != from) throw fenced();
        walk_position_ = to;
        walk_done_ = done;
        for (const store::NewSack& sack : sacks) insert(sack);
    }

    store::OpenSacks open_sacks(std::uint64_t most) const {
        store::OpenSacks open;
        open.walk_done = walk_done_;
        open.walk_position = walk_position_;
        for (const Sack& sack : sacks_) {
            if (sack.state == Sack::State::pending) ++open.pending;
            if (sack.state == Sack::State::running) ++open.running;
        }
        open.pending = std::min(open.pending, most);
        open.running = std::min(open.running, most);
        for (const auto& [worker, until] : leases_)
            // Time goes on: a lease that ends now has ended by the time somebody looks.
            if (until > now && open.first_worker == 0) open.first_worker = worker;
        open.workers = leases_.size();
        return open;
    }

    std::optional<store::SackRecord> claim_pending(store::WorkerId worker) {
        for (Sack& sack : sacks_)
            if (sack.state == Sack::State::pending) return take(sack, worker);
        return {};
    }

    std::optional<store::SackRecord> claim_orphan(store::WorkerId worker) {
        for (Sack* sack : by_id()) {
            if (sack->state != Sack::State::running) continue;
            const auto owner = leases_.find(sack->worker);
            if (owner == leases_.end() || (sack->worker != worker && owner->second < now)) return take(*sack, worker);
        }
        return {};
    }

    void release_sack(store::SackId id, std::uint64_t fence) {
        if (Sack* sack = running(id, fence)) give_back(*sack);
    }

    void checkpoint(const store::Checkpoint& checkpoint) {
        Sack& sack = at(checkpoint.sack);
        if (sack.fence != checkpoint.fence || sack.seq != checkpoint.seq) throw fenced();
        if (checkpoint.completes && checkpoint.low != sack.upto) throw fenced();
        ++sack.seq;
        sack.low = checkpoint.low;
        sack.above = checkpoint.above;
        sack.tally += checkpoint.tally;
        if (checkpoint.completes) sack.state = Sack::State::done;
    }

    store::SackRecord lock_sack(store::SackId sack) { return at(sack); }

    bool ask_for_split(store::WorkerId asker) {
        Sack* wanted = nullptr;
        const auto rank = [](const Sack& sack) {
            const std::uint64_t settled = sack.tally.settled();
            return std::tuple{sack.split_wanted, -static_cast<std::int64_t>(std::max(sack.rows, settled) - settled),
                              sack.asked_at.value_or(Time{-1}), sack.id};
        };
        for (Sack& sack : sacks_) {
            if (sack.state != Sack::State::running || sack.worker == asker) continue;
            if (sack.asked_at && *sack.asked_at >= now - Time{1000}) continue;
            if (wanted == nullptr || rank(sack) < rank(*wanted)) wanted = &sack;
        }
        if (wanted == nullptr) return false;
        wanted->split_wanted = true;
        wanted->asked_at = now;
        return true;
    }

    std::vector<store::SackId> wanted_splits(store::WorkerId owner) const {
        std::vector<store::SackId> ids;
        for (const Sack& sack : sacks_)
            if (sack.state == Sack::State::running && sack.worker == owner && sack.split_wanted) ids.push_back(sack.id);
        std::ranges::sort(ids);
        return ids;
    }

    store::SackId split_sack(store::SackId id, std::uint64_t fence, const Key& upto, const Key& middle,
                             std::uint64_t below, std::uint64_t above) {
        Sack* sack = running(id, fence);
        if (sack == nullptr || sack->upto != upto) throw fenced();
        sack->upto = middle;
        sack->rows = below;
        sack->split_wanted = false;
        insert({middle, upto, above, sack->rows_exact});
        return sacks_.back().id;
    }

    void decline_split(store::SackId id, std::uint64_t fence) {
        if (Sack* sack = running(id, fence)) sack->split_wanted = false;
    }

    store::WorkerId register_worker(Time lease) {
        leases_[++last_worker_] = now + lease;
        return last_worker_;
    }
    bool renew_lease(store::WorkerId worker, Time lease) {
        const auto found = leases_.find(worker);
        if (found == leases_.end()) return false;
        found->second = now + lease;
        return true;
    }
    void declare_gone(store::WorkerId worker) {
        if (leases_.erase(worker) == 0) return;
        for (Sack& sack : sacks_)
            if (sack.state == Sack::State::running && sack.worker == worker) {
                give_back(sack);
                ++sack.fence;
            }
    }
    bool declare_expired(store::WorkerId worker) {
        const auto found = leases_.find(worker);
        if (found == leases_.end() || found->second >= now) return false;
        declare_gone(worker);
        return true;
    }
    std::vector<store::WorkerId> expired_workers() const {
        std::vector<store::WorkerId> expired;
        for (const auto& [worker, until] : leases_)
            if (until < now) expired.push_back(worker);
        return expired;
    }

private:
    static Error fenced() { return Error{ErrorKind::fenced, "fenced"}; }

    Sack& at(store::SackId id) {
        const auto found = std::ranges::find(sacks_, id, &Sack::id);
        if (found == sacks_.end()) throw Error{ErrorKind::internal, "no such sack"};
        return *found;
    }
    Sack* running(store::SackId id, std::uint64_t fence) {
        Sack& sack = at(id);
        return sack.fence == fence && sack.state == Sack::State::running ? &sack : nullptr;
    }
    std::vector<Sack*> by_id() {
        std::vector<Sack*> all;
        for (Sack& sack : sacks_) all.push_back(&sack);
        std::ranges::sort(all, {}, &Sack::id);
        return all;
    }
    void insert(const store::NewSack& planned) {
        Sack sack;
        sack.id = sack.ordinal = sacks_.size();
        ++sack.id;
        sack.after = sack.low = planned.after;
        sack.upto = planned.upto;
        sack.rows = planned.rows;
        sack.rows_exact = planned.rows_exact;
        sacks_.push_back(std::move(sack));
    }
    store::SackRecord take(Sack& sack, store::WorkerId worker) {
        if (!leases_.contains(worker)) throw fenced();
        sack.state = Sack::State::running;
        sack.worker = worker;
        ++sack.fence;
        sack.split_wanted = false;
        sack.asked_at.reset();
        return sack;
    }
    static void give_back(Sack& sack) {
        sack.state = Sack::State::pending;
        sack.worker = 0;
    }

    std::vector<Sack> sacks_;  ///< by ordinal
    std::map<store::WorkerId, Time> leases_;
    store::WorkerId last_worker_ = 0;
    Key walk_position_;
    bool walk_done_ = false;
};

}  // namespace rowmill::test
