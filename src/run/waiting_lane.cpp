#include "run/waiting_lane.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

/// A claim counts an attempt of each: no more than are soon begun.
constexpr std::size_t most_at_once = 100;
/// Another process's retries, and a lease that ends, are found within this time.
constexpr std::chrono::milliseconds longest_wait{1000};
/// One that is due may be locked by a transaction that is still pending.
constexpr std::chrono::milliseconds shortest_wait{20};

using Done = store::WaitingSettlement::Done;

}  // namespace

void WaitingClaims::add(const store::WaitingRecord& record) {
    const std::lock_guard lock{mutex_};
    const std::string key = encode_key(record.key);
    claims_.insert_or_assign(key, Held{record});
    keys_.insert_or_assign(record.id, key);
}

bool WaitingClaims::claimed_again(const store::WaitingRecord& record) {
    const std::lock_guard lock{mutex_};
    const auto held = claims_.find(encode_key(record.key));
    if (held == claims_.end() || held->second.is_settling) return false;
    held->second.record.token = record.token;
    return true;
}

WaitingClaims::Held& WaitingClaims::at(const Key& key) {
    const auto found = claims_.find(encode_key(key));
    if (found == claims_.end())
        throw Error{ErrorKind::internal, "key " + display(key) + " was settled, but is not among those claimed"};
    return found->second;
}

WaitingClaims::Held* WaitingClaims::find(const store::WaitingClaim& claim) {
    const auto key = keys_.find(claim.id);
    if (key == keys_.end()) return nullptr;
    Held& held = claims_.at(key->second);
    return held.record.token == claim.token ? &held : nullptr;
}

std::vector<store::WaitingClaim> WaitingClaims::all() const {
    const std::lock_guard lock{mutex_};
    std::vector<store::WaitingClaim> claims;
    for (const auto& [key, held] : claims_) claims.push_back({held.record.id, held.record.token});
    return claims;
}

std::vector<store::WaitingSettlement> WaitingClaims::as_before() const {
    const std::lock_guard lock{mutex_};
    std::vector<store::WaitingSettlement> settlements;
    for (const auto& [key, held] : claims_) {
        const store::WaitingRecord& record = held.record;
        const engine::Retry before{record.key, record.attempts - 1, {}, record.last_class, record.reason};
        settlements.push_back({{record.id, record.token}, record.sack, before});
    }
    return settlements;
}

std::vector<store::WaitingSettlement> WaitingClaims::of(std::span<const engine::Settlement> settlements) {
    const std::lock_guard lock{mutex_};
    std::vector<store::WaitingSettlement> result;
    const auto add = [&](const Key& key, auto outcome) {
        Held& held = at(key);
        held.is_settling = true;
        result.push_back({{held.record.id, held.record.token}, held.record.sack, std::move(outcome)});
    };
    for (const engine::Settlement& settlement : settlements) {
        for (const Key& key : settlement.succeeded) add(key, Done::succeeded);
        for (const Key& key : settlement.skipped) add(key, Done::skipped);
        for (const engine::DeadLetter& letter : settlement.dead_letters) add(letter.key, letter);
        for (const engine::Retry& retry : settlement.retries) add(retry.key, retry);
    }
    return result;
}

void WaitingClaims::forget(std::span<const store::WaitingSettlement> settled) {
    const std::lock_guard lock{mutex_};
    for (const store::WaitingSettlement& each : settled) {
        if (find(each.claim) == nullptr) continue;
        const auto key = keys_.find(each.claim.id);
        claims_.erase(key->second);
        keys_.erase(key);
    }
}

void WaitingClaims::keep(std::span<const store::WaitingSettlement> unsettled) {
    const std::lock_guard lock{mutex_};
    for (const store::WaitingSettlement& each : unsettled)
        if (Held* held = find(each.claim)) held->is_settling = false;
}

engine::Page WaitingSource::next(std::size_t max, std::stop_token stop) {
    for (;;) {
        if (!parts_.gate.wait(stop)) throw Error{ErrorKind::stopped, "stopped while waiting for items to be tried again"};
        if (auto claimed = claim(parts_.one_by_one ? 1 : std::min(max, most_at_once)); !claimed.empty()) {
            if (engine::Page page = page_of(std::move(claimed)); page.count > 0) return page;
            continue;
        }
        auto due = next_due();
        // Asked again: what the last to work has left may have come to wait after the first look.
        if (!due && parts_.is_over() && !(due = next_due()))
            return {.items = {}, .after = last_, .upto = last_, .at_end = true};
        parts_.wait(std::clamp(due.value_or(longest_wait), shortest_wait, longest_wait), stop);
    }
}

std::optional<std::chrono::milliseconds> WaitingSource::next_due() {
    std::optional<std::chrono::milliseconds> due;
    parts_.store.repeat([&](db::Session& session) {
        due = store::Store{session, parts_.key.schema}.next_waiting(parts_.key.run);
    });
    return due;
}

std::vector<store::WaitingRecord> WaitingSource::claim(std::size_t max) {
    std::vector<store::WaitingRecord> claimed;
    // Where the answer is lost with the connection the claim's lease ends by itself: the attempt counts.
    parts_.store.repeat([&](db::Session& session) {
        claimed = store::Store{session, parts_.key.schema}.claim_waiting(parts_.key.run, parts_.worker, max, parts_.lease);
    });
    return claimed;
}

engine::Page WaitingSource::page_of(std::vector<store::WaitingRecord> claimed) {
    std::erase_if(claimed, [this](const auto& record) { return parts_.claims->claimed_again(record); });
    engine::Page page{.items = {}, .after = last_, .upto = last_};
    if (claimed.empty()) return page;
    std::vector<Key> keys;
    for (const store::WaitingRecord& record : claimed) keys.push_back(record.key);
    parts_.reading.repeat(
        [&](db::Session& session) { page.items = table::read_by_keys(session, *parts_.selection, keys); });
    std::size_t at = 0;
    std::vector<store::WaitingRecord> gone;
    for (store::WaitingRecord& record : claimed) {
        if (at == page.items.size() || page.items[at].key() != record.key) {
            gone.push_back(std::move(record));
            continue;
        }
        page.trials.push_back({record.attempts, record.last_class});
        parts_.claims->add(record);
        ++at;
    }
    if (!gone.empty()) skip(gone);
    page.count = page.items.size();
    if (page.count > 0) page.upto = last_ = page.items[page.count - 1].key();
    return page;
}

void WaitingSource::skip(std::span<const store::WaitingRecord> gone) {
    std::vector<store::WaitingSettlement> skips;
    for (const store::WaitingRecord& record : gone)
        skips.push_back({{record.id, record.token}, record.sack, Done::skipped});
    parts_.store.repeat([&](db::Session& session) {
        store::Store{session, parts_.key.schema}.settle_waiting(parts_.key.run, skips);
    });
}

void WaitingLedger::record(std::span<const engine::Settlement> settlements) {
    const std::lock_guard lock{mutex_};
    const auto settled = claims_->of(settlements);
    if (settled.empty()) return;
    // Those that are not ours any more are left to whoever holds them now.
    try {
        link_.repeat(
            [&](db::Session& session) { store::Store{session, key_.schema}.settle_waiting(key_.run, settled); });
    } catch (...) {
        claims_->keep(settled);
        throw;
    }
    claims_->forget(settled);
}

void WaitingTransaction::record(std::span<const engine::Settlement> settlements) {
    recorded_ = claims_->of(settlements);
    record_guarded([&](db::Session& session) {
        const auto lost = store::Store{session, key_.schema}.settle_waiting_inside(key_.run, recorded_);
        if (!lost.empty()) throw Error{ErrorKind::fenced, "items that were to be tried again were taken over"};
    });
}

void WaitingTransaction::commit() {
    GuardedTransaction::commit();
    claims_->forget(recorded_);
    recorded_.clear();
}

engine::Standing WaitingTransaction::standing(engine::OriginId, bool commit_sent) {
    std::vector<store::WaitingClaim> claims;
    for (const store::WaitingSettlement& each : recorded_) claims.push_back(each.claim);
    const auto held = store::Store{link().session(), key_.schema}.lock_waiting(claims);
    if (held.size() == claims.size()) return engine::Standing::not_recorded;
    if (!held.empty() || !commit_sent) return engine::Standing::moved;
    claims_->forget(recorded_);
    recorded_.clear();
    return engine::Standing::recorded;
}

}  // namespace rowmill::run
