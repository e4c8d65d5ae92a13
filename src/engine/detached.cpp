#include "engine/detached.hpp"

#include "engine/call.hpp"
#include "engine/checkpointer.hpp"
#include "engine/failpoint.hpp"
#include "engine/fault.hpp"

#include <algorithm>
#include <optional>

namespace rowmill::engine {
namespace {

/// A delay that a handler asks for may be any number; a date so far away is none.
constexpr Duration longest_delay = std::chrono::hours{24 * 3650};

std::chrono::microseconds since(TimePoint began, const Clock& clock) {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock.now() - began);
}

/// Page after page; true at the origin's end.
bool read_pages(DetachedLane& lane, Work& work, Pace& pace, const std::stop_token& stop) {
    for (;;) {
        const std::uint64_t wanted = pace.page.size(work.call_items());
        const std::optional<Page> page = work.read(lane.source(), lane.is_by_item(), wanted, stop);
        if (!page) return false;
        failpoint("page-read");
        if (!work.rest(std::exchange(pace.worked, {}))) return false;
        const TimePoint began = work.clock.now();
        if (!lane.dispatch(*page, pace.worked)) return false;
        pace.page.handed_out(page->count, since(began, work.clock));
        if (page->at_end) return true;
    }
}

/// Whoever asks to be tried again later has too much to do, more often than not.
bool is_refusal(const Reply::Answer& answer) {
    const auto* outcome = std::get_if<BatchOutcome>(&answer);
    return outcome != nullptr && std::any_of(outcome->named.begin(), outcome->named.end(), [](const auto& named) {
        return named.second.kind == Outcome::Kind::retry;
    });
}

std::string in_words(const Key& key) { return key.empty() ? std::string{"an item"} : "key " + display(key); }

}  // namespace

DetachedLane::DetachedLane(std::unique_ptr<Lane> lane, Work& work, Checkpointer& checkpointer)
    : origin_{lane->origin}, by_item_{lane->by_item}, lane_{std::move(lane)}, work_{work}, checkpointer_{checkpointer}, watermark_{lane_->low} {
    pending_.origin = origin_;
    for (std::size_t i = 0; i < lane_->above.size(); ++i) settled_before_.emplace(encode_key(lane_->above[i]), i);
}

bool DetachedLane::was_settled(const Item& item) const {
    return !settled_before_.empty() && settled_before_.contains(encode_key(item.key()));
}

void DetachedLane::pass_over(Batch single) {
    const std::lock_guard lock{mutex_};
    single.first_seq = watermark_.next_seq();
    watermark_.dispatched(single);
    watermark_.settled(single.first_seq, 1);
    // Those before it that were not met are rows that are gone.
    passed_over_ = settled_before_.at(encode_key(single.items[0].key())) + 1;
    dirty_ = true;
}

bool DetachedLane::dispatch(const Page& page, std::chrono::microseconds& worked) {
    Batch whole{.origin = origin_, .count = page.count, .after = page.after, .upto = page.upto, .items = page.items};
    if (!whole.has_items())
        throw Error{ErrorKind::internal, "a lane without a transaction was given a stretch without items"};
    if (page.count == 0) {  // nothing matched up to here: the watermark moves all the same
        const std::lock_guard lock{mutex_};
        whole.first_seq = watermark_.next_seq();
        watermark_.dispatched(whole);
        dirty_ = true;
        return !lost_;
    }
    const std::uint64_t call_items = work_.call_items();
    for (std::uint64_t at = 0; at < page.count;) {
        if (was_settled(whole.items[at])) {
            pass_over(slice(whole, at++, 1));
            continue;
        }
        const auto goes_along = [&](std::uint64_t item) {
            return !was_settled(whole.items[item]) && (page.trials.empty() || page.trials[item] == page.trials[at]);
        };
        std::uint64_t past = at + 1;
        while (past < page.count && past - at < call_items && goes_along(past)) ++past;
        Batch call = slice(whole, at, past - at);
        if (!page.trials.empty()) {
            call.attempt = page.trials[at].attempt;
            call.last_class = page.trials[at].last_class;
        }
        at = past;
        if (by_item_ && call.attempt > work_.settings.attempts.max_attempts)
            give_up(std::move(call));
        else if (!dispatch_call(std::move(call), worked))
            return false;
    }
    return true;
}

/// An attempt is counted when it is claimed: the last one had no answer.
void DetachedLane::give_up(Batch call) {
    {
        const std::lock_guard lock{mutex_};
        call.first_seq = watermark_.next_seq();
        watermark_.dispatched(call);
    }
    --call.attempt;
    const std::string reason = "its worker was gone before the last of " + std::to_string(call.attempt) + " attempts had an answer";
    for (std::uint64_t i = 0; i < call.count; ++i) {
        work_.tell(in_words(call.items[i].key()) + ": given up: " + reason);
        settle_one(slice(call, i, 1), failure(reason, "worker gone"));
    }
}

bool DetachedLane::dispatch_call(Batch call, std::chrono::microseconds& worked) {
    if (!work_.wait_for_turn(call.count)) return false;
    const TimePoint began = work_.clock.now();
    if (!wait_for_gap()) return false;
    if (!checkpointer_.wait_for_room(work_.stopping.draining())) return false;
    if (!work_.dispatcher.enter(call.count, work_.stopping.draining())) return false;
    // Nothing begins in a pause that came while there was no room.
    while (work_.gate.is_held()) {
        work_.dispatcher.leave(call.count);
        if (!work_.gate.wait(work_.stopping.draining())) return false;
        if (!work_.dispatcher.enter(call.count, work_.stopping.draining())) return false;
    }
    {
        const std::lock_guard lock{mutex_};
        call.first_seq = watermark_.next_seq();
        watermark_.dispatched(call);
    }
    start(call);
    worked += since(began, work_.clock);
    return true;
}

void DetachedLane::start(const Batch& batch) {
    const auto weak = weak_from_this();
    const auto link = std::make_shared<std::weak_ptr<Call>>();
    const auto call = std::make_shared<Call>(batch, [weak, link] {
        const auto self = weak.lock();
        const auto late = link->lock();
        if (self && late) self->expired(*late);
    });
    *link = call;
    work_.calls.begin(call);
    auto begin = [self = shared_from_this(), call] {
        start_call(*self->lane_->action, call->batch, {self->work_.settings.run, call->stop()},
                   [self, call](Reply::Answer answer) { self->answered(*call, std::move(answer)); });
    };
    // An action that answers later from its own threads need not be posted to ours.
    if (lane_->action->runs_on() == Where::io)
        begin();
    else
        work_.dispatcher.post(std::move(begin));
}

LoadWindow::Piece DetachedLane::piece_of(const Call& call, TimePoint now, bool refused) const {
    return {.began = call.began(), .ended = now, .items = 1, .room = call.batch.count, .in_flight = work_.dispatcher.in_flight(), .refused = refused};
}

bool DetachedLane::wait_for_gap() {
    std::unique_lock lock{mutex_};
    const auto has_room = [this] {
        return watermark_.gap() < std::max(work_.settings.max_gap, 4 * work_.dispatcher.limit());
    };
    moved_.wait(lock, work_.stopping.draining(), [&] { return lost_ || has_room(); });
    return !lost_ && !work_.stopping.is_draining();
}

void DetachedLane::answered(Call& call, Reply::Answer answer) {
    if (!call.settle()) return Calls::came_back(call);
    work_.calls.end(call);
    const TimePoint now = work_.clock.now();
    const std::uint64_t took = call.age(now);
    work_.counters.work_us.add(took);
    work_.counters.calls.add(1);
    work_.counters.calls_us.add(took);
    if (work_.adaptation.is_on()) work_.adaptation.called(piece_of(call, now, is_refusal(answer)));
    try {
        take_answer(call.batch, std::move(answer));
    } catch (...) {
        work_.fail(current_error());
    }
    // The last thing that is done with the run: once nothing is in flight it may be gone.
    work_.dispatcher.leave(call.batch.count);
}

void DetachedLane::expired(Call& call) {
    if (!call.settle()) return;
    if (work_.adaptation.is_on()) work_.adaptation.called(piece_of(call, work_.clock.now(), true));
    const std::string reason = "took longer than " + std::to_string(work_.settings.timeout.count()) + " ms";
    try {
        BatchOutcome late;
        for (std::uint32_t i = 0; i < call.batch.count; ++i) {
            late.named.emplace_back(i, rowmill::retry(reason));
            late.named.back().second.error_class = "timeout";
            work_.tell(in_words(call.batch.items[i].key()) + ": " + reason + ", attempt " +
                       std::to_string(call.batch.attempt));
        }
        take_answer(call.batch, std::move(late));
    } catch (...) {
        work_.fail(current_error());
    }
    // Its slot is free when it has come back. Counted before it is asked to, which it may do at once.
    work_.dispatcher.overdue(call.batch.count);
    call.give_up();
}

/// Where the run is dropped, what actions say of work that they were told to give up tells nothing of the items.
bool DetachedLane::is_void(const Reply::Answer& answer) const {
    if (!work_.stopping.is_dropping()) return false;
    const auto* outcome = std::get_if<BatchOutcome>(&answer);
    return outcome != nullptr && std::any_of(outcome->named.begin(), outcome->named.end(), [](const auto& named) {
        return named.second.kind == Outcome::Kind::retry || named.second.kind == Outcome::Kind::failure;
    });
}

void DetachedLane::fail_or_leave(const Error& error) {
    const bool leaving = error.kind() == ErrorKind::stopped && work_.stopping.is_draining();
    if (!leaving && !work_.stopping.is_dropping()) work_.fail(error);
}

void DetachedLane::take_answer(const Batch& batch, Reply::Answer answer) {
    if (const Error* error = std::get_if<Error>(&answer)) {
        // But for the items' own fault nothing is settled: they run again after a resume.
        if (work_.stopping.is_dropping() || error->kind() != ErrorKind::row) return fail_or_leave(*error);
        BatchOutcome failed;
        for (std::uint32_t i = 0; i < batch.count; ++i) failed.named.emplace_back(i, failure(error->what()));
        answer = std::move(failed);
    }
    if (is_void(answer)) return;
    BatchOutcome outcome = std::get<BatchOutcome>(std::move(answer));
    const auto is_retry = [](const auto& named) { return named.second.kind == Outcome::Kind::retry; };
    if (std::none_of(outcome.named.begin(), outcome.named.end(), is_retry))
        return settled(batch.first_seq, batch.count, settle(batch, outcome, by_item_));
    // What is retried settles later: the others one by one.
    std::vector<Outcome> each(batch.count);
    for (auto& [index, named] : outcome.named) each.at(index) = std::move(named);
    for (std::uint32_t i = 0; i < batch.count; ++i) {
        if (each[i].kind == Outcome::Kind::retry)
            retry(slice(batch, i, 1), each[i]);
        else
            settle_one(slice(batch, i, 1), each[i]);
    }
}

void DetachedLane::settle_one(const Batch& batch, const Outcome& outcome) {
    BatchOutcome one;
    if (outcome.kind != Outcome::Kind::success) one.named.emplace_back(0, outcome);
    settled(batch.first_seq, 1, settle(batch, one, by_item_));
}

void DetachedLane::retry(const Batch& single, const Outcome& outcome) {
    const auto& rules = work_.settings.attempts;
    const unsigned used = single.attempt - (outcome.delay ? 1 : 0);
    const Key key = single.items[0].key();
    if (used >= rules.max_attempts) {
        work_.tell(in_words(key) + ": given up after " + std::to_string(single.attempt) + " attempts: " + outcome.reason);
        return settle_one(single, failure(outcome.reason, outcome.error_class));
    }
    const Duration asked = outcome.delay.value_or(rules.backoff.wait(single.attempt, rules.random()));
    const Duration delay = std::clamp(asked, Duration{0}, longest_delay);
    work_.counters.retried.add(1);
    Settlement kept;
    kept.retries.push_back({key, used, delay, outcome.error_class, outcome.reason});
    settled(single.first_seq, 1, std::move(kept));
    checkpointer_.retry_in(delay);
}

void DetachedLane::settled(std::uint64_t first_seq, std::uint64_t count, Settlement settlement) {
    bool completes = false;
    {
        const std::lock_guard lock{mutex_};
        watermark_.settled(first_seq, count);
        append(pending_, std::move(settlement));
        dirty_ = true;
        moved_.notify_all();
        completes = is_complete();
    }
    checkpointer_.settled(count);
    if (completes) checkpointer_.completed();
}

void DetachedLane::close_source(bool at_end) {
    std::unique_ptr<Source> source;
    bool completes = false;
    {
        const std::lock_guard lock{mutex_};
        source = std::move(lane_->source);
        if (at_end) {
            at_end_ = dirty_ = true;
            passed_over_ = lane_->above.size();
            completes = is_complete();
        }
    }
    if (completes) checkpointer_.completed();
}

std::optional<Settlement> DetachedLane::take_settlement(Which which) {
    const std::lock_guard lock{mutex_};
    const bool completes = is_complete();
    if (!dirty_ || lost_ || (which == Which::completing && !completes)) return {};
    dirty_ = false;
    Settlement settlement = std::exchange(pending_, Settlement{});
    settlement.origin = pending_.origin = origin_;
    settlement.low = watermark_.low_position();
    settlement.above = watermark_.above();
    settlement.above.insert(settlement.above.end(), lane_->above.begin() + static_cast<std::ptrdiff_t>(passed_over_),
                            lane_->above.end());
    settlement.completes = completes;
    return settlement;
}

void DetachedLane::give_back(Settlement settlement) {
    const std::lock_guard lock{mutex_};
    dirty_ = true;
    append(settlement, std::exchange(pending_, {}));
    pending_ = std::move(settlement);
}

void DetachedLane::mark_lost() {
    const std::lock_guard lock{mutex_};
    lost_ = true;
    moved_.notify_all();
}

bool DetachedLane::is_lost() const {
    const std::lock_guard lock{mutex_};
    return lost_;
}

void DetachedLane::close() {
    const std::lock_guard lock{mutex_};
    lane_.reset();
}

Assignments::End drive_detached(const std::shared_ptr<DetachedLane>& lane, Work& work, Pace& pace, std::stop_token stop) {
    bool at_end = false;
    try {
        at_end = read_pages(*lane, work, pace, stop);
    } catch (...) {
        const Error error = current_error();
        if (error.kind() != ErrorKind::stopped && !work.stopping.is_dropping()) work.fail(error);
    }
    const bool lost = lane->is_lost();
    lane->close_source(at_end);
    if (at_end) return Assignments::End::completed;
    return lost ? Assignments::End::lost : Assignments::End::stopped;
}

}  // namespace rowmill::engine
