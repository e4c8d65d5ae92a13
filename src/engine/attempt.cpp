#include "engine/attempt.hpp"

#include "item/error_kind.hpp"

#include <algorithm>

namespace rowmill::engine {
namespace {

/// After which the batch is not begun again, here and now.
bool ends_attempt(ErrorKind kind) {
    return !may_pass(kind) && !is_lost_connection(kind) && kind != ErrorKind::row && kind != ErrorKind::too_large;
}

/// The same batch in smaller ones, in reading order, as (first, count): the item at fault alone where it is known.
std::vector<std::pair<std::size_t, std::size_t>> cuts_of(std::size_t count, std::optional<std::size_t> guilty) {
    if (!guilty || *guilty >= count) return {{0, count / 2}, {count / 2, count - count / 2}};
    std::vector<std::pair<std::size_t, std::size_t>> cuts;
    if (*guilty > 0) cuts.emplace_back(0, *guilty);
    cuts.emplace_back(*guilty, 1);
    if (*guilty + 1 < count) cuts.emplace_back(*guilty + 1, count - *guilty - 1);
    return cuts;
}

}  // namespace

Attempt::Attempt(Batch batch, bool completes, Rules rules) : rules_{std::move(rules)} {
    parts_.push_back({.batch = std::move(batch), .completes = completes});
    start_part();
}

void Attempt::start_part() {
    trouble_.reset();
    commit_sent_ = committed_ = begun_ = false;
    Part& part = parts_.back();
    part.batch.attempt = part.verdict ? part.attempts : part.tries + part.crashes + 1;
    next_ = leaving_ ? Do::stop : Do::begin;
}

void Attempt::succeeded() {
    switch (next_) {
        case Do::begin: {
            begun_ = true;
            reconnect_until_.reset();
            reconnects_ = 0;
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
        case Do::rollback:
            return after_rollback();
        case Do::wait:
            return waited();
        case Do::reconnect:
            next_ = Do::ask_standing;
            return;
        default:
            throw Error{ErrorKind::internal, "a batch's state machine was told of a success it did not ask for"};
    }
}

void Attempt::waited() {
    if (after_wait_ == Do::begin) return start_part();
    // A record that is missing is worth a few more tries before leaving: without it the work is done again.
    const bool insists = after_wait_ == Do::record && waits_ < rules_.max_attempts;
    next_ = leaving_ && !insists ? Do::stop : after_wait_;
}

void Attempt::executed(const BatchOutcome& outcome) {
    Part& part = parts_.back();
    for (const auto& [index, named] : outcome.named) {
        if (named.kind != Outcome::Kind::retry) continue;
        troubled_ = true;
        trouble_ = Error{ErrorKind::replay, named.reason};
        trouble_->item_index = index;
        snooze_ = named.delay;
        next_ = Do::rollback;
        return;
    }
    settlement_ = settle(part.batch, outcome, rules_.by_item);
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
    switch (standing) {
        case Standing::recorded:
            return part_recorded();
        case Standing::moved:
            next_ = Do::lose;
            return;
        case Standing::not_recorded:
            break;
    }
    // Where the record follows the commit, the work stands: only the record is done again. A commit in
    // doubt without it is repeated; that is what "at least once" means.
    if (!rules_.record_inside && committed_) {
        next_ = Do::record;
        return;
    }
    Part& part = parts_.back();
    // What was lost before anything was sent is no fault of the batch.
    if (!begun_ || ++part.crashes < rules_.max_attempts) return start_part();
    give_up_at_this_size(Error{ErrorKind::interrupted, "the connection was lost each time this was tried"});
}

void Attempt::failed(const Error& error, TimePoint now) {
    troubled_ = true;
    if (next_ == Do::commit || (next_ == Do::record && !rules_.record_inside)) commit_sent_ = true;
    if (is_lost_connection(error.kind())) return lost_connection(error, now);
    switch (next_) {
        case Do::rollback:
            return rollback_failed(error, now);
        case Do::reconnect:
        case Do::ask_standing:
            return doubt_remains(error, now);
        case Do::expand:
            return expansion_failed(error);
        default:
            break;
    }
    if (error.kind() == ErrorKind::unreachable) return end(Do::fail, error);
    trouble_ = error;
    next_ = Do::rollback;
}

void Attempt::rollback_failed(const Error& error, TimePoint now) {
    if (error.kind() == ErrorKind::stopped) {
        next_ = Do::stop;
        return;
    }
    // A session that cannot roll back is of no use; its end rolls back.
    if (may_pass(error.kind())) return lost_connection(error, now);
    end(Do::fail, error);
}

void Attempt::doubt_remains(const Error& error, TimePoint now) {
    if (error.kind() == ErrorKind::stopped) {
        next_ = Do::stop;
        return;
    }
    if (error.kind() == ErrorKind::fenced) {
        next_ = Do::lose;
        return;
    }
    // The ledger's row may still be locked by the transaction whose connection was lost.
    if (!may_pass(error.kind()) || is_out_of_time(now)) return end(Do::fail, error);
    wait_then(next_, pause(rules_.backoff, ++waits_), error.what());
}

void Attempt::expansion_failed(const Error& error) {
    if (error.kind() == ErrorKind::stopped) {
        next_ = Do::stop;
        return;
    }
    Part& part = parts_.back();
    if (!may_pass(error.kind()) || ++part.expansions >= rules_.max_attempts) return end(Do::fail, error);
    wait_then(Do::expand, pause(rules_.backoff, part.expansions), error.what());
}

bool Attempt::is_out_of_time(TimePoint now) {
    if (!reconnect_until_) reconnect_until_ = now + rules_.reconnect_for;
    return now >= *reconnect_until_;
}

void Attempt::lost_connection(const Error& error, TimePoint now) {
    // With the connection the transaction went: what the rollback was for is what matters, where it is the end.
    if (next_ == Do::rollback && trouble_ && ends_attempt(trouble_->kind())) return after_rollback();
    if (is_out_of_time(now)) {
        Error unreachable{ErrorKind::unreachable, std::string{"the server did not come back: "} + error.what()};
        unreachable.server_code = error.server_code;
        return end(Do::fail, unreachable);
    }
    trouble_.reset();
    snooze_.reset();
    const bool first = reconnects_++ == 0;
    if (first && error.kind() == ErrorKind::disconnected) {
        next_ = Do::reconnect;
        return;
    }
    // A server that takes no more connections is helped by longer waits.
    const Backoff backoff =
        error.kind() == ErrorKind::overloaded ? Backoff{rules_.backoff.first * 10, rules_.backoff.cap} : rules_.backoff;
    wait_then(Do::reconnect, std::min(pause(backoff, reconnects_), Duration{5000}),
              std::string{"reconnecting: "} + error.what());
}

Duration Attempt::pause(const Backoff& backoff, unsigned attempt) const {
    // Half the ceiling at least: a server that is down must not be knocked at in a tight loop.
    return (backoff.ceiling(attempt) + backoff.wait(attempt, random())) / 2;
}

void Attempt::after_rollback() {
    const Error trouble = *std::exchange(trouble_, std::nullopt);
    commit_sent_ = false;
    react(trouble);
}

void Attempt::react(const Error& error) {
    // Committed, and only the record is missing: nothing of the work may be done again.
    if (committed_ && error.kind() != ErrorKind::fenced && error.kind() != ErrorKind::stopped)
        return record_again(error);
    switch (error.kind()) {
        case ErrorKind::replay:
            return replay(error);
        case ErrorKind::row:
        case ErrorKind::too_large:
            return give_up_at_this_size(error);
        case ErrorKind::interrupted:
            if (parts_.back().batch.count > 1) return give_up_at_this_size(error);
            return replay(error);
        case ErrorKind::disk_full:
            return wait_for_disk(Do::begin, error);
        case ErrorKind::fenced:
            next_ = Do::lose;
            return;
        case ErrorKind::stopped:
            next_ = Do::stop;
            return;
        case ErrorKind::disconnected:
        case ErrorKind::overloaded:
        case ErrorKind::failover:
        case ErrorKind::usage:
        case ErrorKind::refused:
        case ErrorKind::fatal:
        case ErrorKind::unsafe:
        case ErrorKind::unreachable:
        case ErrorKind::internal:
            return end(Do::fail, error);
    }
}

void Attempt::record_again(const Error& error) {
    if (error.kind() == ErrorKind::disk_full) return wait_for_disk(Do::record, error);
    if (!may_pass(error.kind()) || ++waits_ >= rules_.max_attempts) return end(Do::fail, error);
    wait_then(Do::record, rules_.backoff.wait(waits_, random()), error.what());
}

void Attempt::wait_for_disk(Do then, const Error& error) {
    wait_then(then, std::max(Duration{1000}, rules_.backoff.ceiling(++waits_)),
              std::string{"the server's disk is full: "} + error.what());
}

void Attempt::replay(const Error& error) {
    if (const auto snooze = std::exchange(snooze_, std::nullopt)) return wait_then(Do::begin, *snooze, error.what());
    Part& part = parts_.back();
    if (++part.tries >= rules_.max_attempts) return give_up_at_this_size(error);
    wait_then(Do::begin, rules_.backoff.wait(part.tries, random()), error.what());
}

void Attempt::give_up_at_this_size(const Error& error) {
    Part& part = parts_.back();
    troubled_ = true;
    // Not even the dead letter, or the end of an empty stretch, could be recorded: that is no row's fault.
    if (part.verdict || part.batch.count == 0) return end(Do::fail, error);
    if (!part.batch.has_items() || part.batch.is_reckoned) {
        next_ = Do::expand;
        return;
    }
    if (part.batch.count > 1) return split(error);
    part.attempts = std::max(1U, part.tries + part.crashes + (error.kind() == ErrorKind::row ? 1 : 0));
    part.verdict = error;
    part.tries = part.crashes = 0;
    start_part();
}

void Attempt::split(const Error& error) {
    const Part whole = std::move(parts_.back());
    parts_.pop_back();
    const auto cuts = cuts_of(whole.batch.count, error.item_index);
    for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
        Part piece{.batch = slice(whole.batch, cut->first, cut->second),
                   .completes = whole.completes && cut == cuts.rbegin()};
        // What did not help is not tried as often again at half the size: once is enough to narrow it down.
        if (cut->second > 1 && whole.tries >= rules_.max_attempts) piece.tries = rules_.max_attempts - 1;
        if (cut->second > 1 && whole.crashes >= rules_.max_attempts) piece.crashes = rules_.max_attempts - 1;
        parts_.push_back(std::move(piece));
    }
    start_part();
}

void Attempt::expanded(Items items) {
    Part& part = parts_.back();
    part.batch.count = items.size();
    part.batch.items = std::move(items);
    part.batch.is_reckoned = false;
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
