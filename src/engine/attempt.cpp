#include "engine/attempt.hpp"

#include <algorithm>

namespace rowmill::engine {
namespace {

bool is_lost_connection(ErrorKind kind) {
    return kind == ErrorKind::disconnected || kind == ErrorKind::overloaded || kind == ErrorKind::failover;
}

}  // namespace

Attempt::Attempt(Batch batch, bool completes, Rules rules) : rules_{std::move(rules)} {
    parts_.push_back({std::move(batch), completes, 0, 0, {}});
    start_part();
}

void Attempt::start_part() {
    trouble_.reset();
    commit_sent_ = committed_ = false;
    Part& part = parts_.back();
    part.batch.attempt = part.tries + part.crashes + 1;
    next_ = leaving_ ? Do::stop : Do::begin;
}

void Attempt::succeeded() {
    switch (next_) {
        case Do::begin: {
            // A row given up has nothing to execute, and an empty stretch (a filter's last page) neither.
            const Part& part = parts_.back();
            if (part.verdict) {
                BatchOutcome outcome;
                outcome.named.emplace_back(
                    0, failure(part.verdict->what(), part.verdict->server_code != 0
                                                         ? std::to_string(part.verdict->server_code)
                                                         : std::string{name_of(part.verdict->kind())}));
                return executed(outcome);
            }
            if (part.batch.count == 0) return executed({});
            next_ = Do::execute;
            return;
        }
        case Do::record:
            if (rules_.record_inside)
                next_ = Do::commit;
            else
                part_recorded();
            return;
        case Do::commit:
            committed_ = true;
            if (rules_.record_inside)
                part_recorded();
            else
                next_ = Do::record;
            return;
        case Do::rollback: return after_rollback();
        case Do::wait: next_ = leaving_ && after_wait_ != Do::record ? Do::stop : after_wait_; return;
        case Do::reconnect: next_ = Do::ask_standing; return;
        default: throw Error{ErrorKind::internal, "a batch's state machine was told of a success it did not ask for"};
    }
}

void Attempt::executed(const BatchOutcome& outcome) {
    Part& part = parts_.back();
    for (const auto& [index, named] : outcome.named) {
        if (named.kind != Outcome::Kind::retry) continue;
        Error error{ErrorKind::replay, named.reason};
        return react(error);
    }
    settlement_ = settle(part.batch, outcome);
    settlement_.completes = part.completes;
    next_ = rules_.record_inside ? Do::record : Do::commit;
}

void Attempt::part_recorded() {
    recorded_.push_back(std::move(settlement_));
    waits_ = 0;
    parts_.pop_back();
    if (parts_.empty())
        next_ = Do::done;
    else
        start_part();
}

void Attempt::stands(Standing standing) {
    reconnect_until_.reset();
    reconnects_ = 0;
    switch (standing) {
        case Standing::recorded: return part_recorded();
        case Standing::moved: next_ = Do::lose; return;
        case Standing::not_recorded: break;
    }
    // Where the record follows the commit, the work stands: only the record is done again. A commit in
    // doubt without it is repeated; that is what "at least once" means.
    if (!rules_.record_inside && committed_) {
        next_ = Do::record;
        return;
    }
    Part& part = parts_.back();
    if (++part.crashes < rules_.max_attempts) return start_part();
    give_up_at_this_size(Error{ErrorKind::interrupted, "the connection was lost each time this was tried"});
}

void Attempt::failed(const Error& error, TimePoint now) {
    troubled_ = true;
    if (next_ == Do::commit) commit_sent_ = true;
    if (next_ == Do::record && !rules_.record_inside) commit_sent_ = true;
    if (is_lost_connection(error.kind())) return lost_connection(error, now);
    if (next_ == Do::rollback) return end(Do::fail, error);
    // The ledger's row may still be locked by the transaction whose connection was lost.
    if (next_ == Do::ask_standing && (error.kind() == ErrorKind::replay || error.kind() == ErrorKind::interrupted))
        return wait_then(Do::ask_standing, rules_.backoff.wait(++waits_, random()), error.what());
    if (next_ == Do::reconnect || next_ == Do::ask_standing)
        return error.kind() == ErrorKind::stopped ? void(next_ = Do::stop) : end(Do::fail, error);
    if (error.kind() == ErrorKind::unreachable) return end(Do::fail, error);
    trouble_ = error;
    next_ = Do::rollback;
}

void Attempt::lost_connection(const Error& error, TimePoint now) {
    if (!reconnect_until_) reconnect_until_ = now + rules_.reconnect_for;
    if (now >= *reconnect_until_) {
        Error unreachable{ErrorKind::unreachable, std::string{"the server did not come back: "} + error.what()};
        unreachable.server_code = error.server_code;
        return end(Do::fail, unreachable);
    }
    trouble_.reset();
    const bool first = reconnects_++ == 0;
    if (first && error.kind() == ErrorKind::disconnected) {
        next_ = Do::reconnect;
        return;
    }
    // A server that takes no more connections is helped by longer waits.
    const Backoff backoff = error.kind() == ErrorKind::overloaded
                                ? Backoff{rules_.backoff.first * 10, rules_.backoff.cap}
                                : rules_.backoff;
    // Half the ceiling at least: a server that is down must not be knocked at in a tight loop.
    const Duration wait = (backoff.ceiling(reconnects_) + backoff.wait(reconnects_, random())) / 2;
    wait_then(Do::reconnect, std::min(wait, Duration{5000}), std::string{"reconnecting: "} + error.what());
}

void Attempt::after_rollback() {
    const Error trouble = *std::exchange(trouble_, std::nullopt);
    react(trouble);
}

void Attempt::react(const Error& error) {
    if (next_ == Do::execute && error.kind() == ErrorKind::replay) {  // an action that answered `retry`
        trouble_ = error;
        next_ = Do::rollback;
        return;
    }
    // Committed, and only the record is missing: nothing of the work may be done again.
    if (committed_ && !rules_.record_inside && error.kind() != ErrorKind::fenced && error.kind() != ErrorKind::stopped) {
        if (error.kind() == ErrorKind::replay || error.kind() == ErrorKind::disk_full)
            return wait_then(Do::record, rules_.backoff.wait(++waits_, random()), error.what());
        return end(Do::fail, error);
    }
    switch (error.kind()) {
        case ErrorKind::replay: return replay(error);
        case ErrorKind::row:
        case ErrorKind::too_large: return give_up_at_this_size(error);
        case ErrorKind::interrupted:
            if (parts_.back().batch.count > 1) return give_up_at_this_size(error);
            return replay(error);
        case ErrorKind::disk_full:
            return wait_then(Do::begin, std::max(Duration{1000}, rules_.backoff.ceiling(++waits_)),
                             std::string{"the server's disk is full: "} + error.what());
        case ErrorKind::fenced: next_ = Do::lose; return;
        case ErrorKind::stopped: next_ = Do::stop; return;
        case ErrorKind::disconnected:
        case ErrorKind::overloaded:
        case ErrorKind::failover:
        case ErrorKind::usage:
        case ErrorKind::refused:
        case ErrorKind::fatal:
        case ErrorKind::unsafe:
        case ErrorKind::unreachable:
        case ErrorKind::internal: return end(Do::fail, error);
    }
}

void Attempt::replay(const Error& error) {
    Part& part = parts_.back();
    if (++part.tries >= rules_.max_attempts) return give_up_at_this_size(error);
    wait_then(Do::begin, rules_.backoff.wait(part.tries, random()), error.what());
}

void Attempt::give_up_at_this_size(const Error& error) {
    Part& part = parts_.back();
    troubled_ = true;
    if (!part.batch.has_items()) {
        next_ = Do::expand;
        return;
    }
    if (part.batch.count > 1) {
        // A replay that did not help is not tried again at half the size as often: once is enough to narrow it down.
        const bool worn_out = part.tries >= rules_.max_attempts;
        const std::optional<std::size_t> guilty = error.item_index;
        const std::size_t count = part.batch.count;
        std::vector<std::pair<std::size_t, std::size_t>> cuts;  // in reading order: first, count
        if (guilty && *guilty < count) {
            if (*guilty > 0) cuts.emplace_back(0, *guilty);
            cuts.emplace_back(*guilty, 1);
            if (*guilty + 1 < count) cuts.emplace_back(*guilty + 1, count - *guilty - 1);
        } else {
            cuts.emplace_back(0, count / 2);
            cuts.emplace_back(count / 2, count - count / 2);
        }
        const Part whole = std::move(part);
        parts_.pop_back();
        for (auto at = cuts.rbegin(); at != cuts.rend(); ++at) {
            Part piece{slice(whole.batch, at->first, at->second), whole.completes && at == cuts.rbegin(), 0, 0, {}};
            if (worn_out && at->second > 1) piece.tries = rules_.max_attempts - 1;
            parts_.push_back(std::move(piece));
        }
        return start_part();
    }
    part.verdict = error;
    start_part();
    part.batch.attempt = std::max(1U, part.tries + part.crashes + (error.kind() == ErrorKind::row ? 1 : 0));
}

void Attempt::expanded(Items items) {
    Part& part = parts_.back();
    part.batch.count = items.size();
    part.batch.items = std::move(items);
    start_part();
}

void Attempt::wait_then(Do then, Duration time, std::string reason) {
    wait_ = time;
    reason_ = std::move(reason);
    after_wait_ = then;
    next_ = Do::wait;
}

void Attempt::end(Do how, const Error& error) {
    error_ = error;
    next_ = how;
}

}  // namespace rowmill::engine
