#include "engine/detached.hpp"

#include "engine/call.hpp"
#include "engine/checkpointer.hpp"
#include "engine/failpoint.hpp"
#include "engine/fault.hpp"

#include <algorithm>
#include <iterator>

namespace rowmill::engine {
namespace {

/// Page after page; true at the origin's end.
bool read_pages(const std::shared_ptr<DetachedLane>& lane, Work& work) {
    for (;;) {
        const std::uint64_t allowed = work.budget.take(work.rate.most_at_once(work.settings.page_items));
        if (allowed == 0) return false;
        Page page;
        try {
            const Stopwatch stopwatch{work.clock, work.counters.read_us};
            page = lane->source().next(allowed, work.stopping.draining());
        } catch (...) {
            work.budget.give_back(allowed);
            throw;
        }
        work.budget.give_back(allowed - std::min(allowed, page.count));
        failpoint("page-read");
        if (!lane->dispatch(page)) return false;
        if (page.at_end) return true;
    }
}

}  // namespace

DetachedLane::DetachedLane(std::unique_ptr<Lane> lane, Work& work, Checkpointer& checkpointer)
    : origin_{lane->origin}, lane_{std::move(lane)}, work_{work}, checkpointer_{checkpointer}, watermark_{lane_->low} {
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

bool DetachedLane::dispatch(const Page& page) {
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
    const std::uint64_t call_items = std::max<std::uint64_t>(1, work_.settings.call_items);
    for (std::uint64_t at = 0; at < page.count;) {
        if (was_settled(whole.items[at])) {
            pass_over(slice(whole, at++, 1));
            continue;
        }
        std::uint64_t past = at + 1;
        while (past < page.count && past - at < call_items && !was_settled(whole.items[past])) ++past;
        if (!dispatch_call(slice(whole, at, past - at))) return false;
        at = past;
    }
    return true;
}

bool DetachedLane::dispatch_call(Batch call) {
    if (!work_.wait_for_rate(call.count) || !wait_for_gap()) return false;
    if (!work_.dispatcher.enter(call.count, work_.stopping.draining())) return false;
    {
        const std::lock_guard lock{mutex_};
        call.first_seq = watermark_.next_seq();
        watermark_.dispatched(call);
    }
    start(call);
    return true;
}

void DetachedLane::start(const Batch& batch) {
    auto call = [self = shared_from_this(), batch] {
        start_call(*self->lane_->action, batch, {self->work_.settings.run, self->work_.stopping.dropping()},
                   [self, batch](Reply::Answer answer) { self->answered(batch, std::move(answer)); });
    };
    // An action that answers later from its own threads need not be posted to ours.
    if (lane_->action->runs_on() == Where::io)
        call();
    else
        work_.dispatcher.post(std::move(call));
}

bool DetachedLane::wait_for_gap() {
    std::unique_lock lock{mutex_};
    moved_.wait(lock, work_.stopping.draining(), [this] { return lost_ || watermark_.gap() < work_.settings.max_gap; });
    return !lost_ && !work_.stopping.is_draining();
}

void DetachedLane::answered(const Batch& batch, Reply::Answer answer) {
    try {
        take_answer(batch, std::move(answer));
    } catch (...) {
        work_.fail(current_error());
    }
    // The last thing that is done with the run: once nothing is in flight it may be gone.
    work_.dispatcher.leave(batch.count);
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
    BatchOutcome outcome = std::get<BatchOutcome>(std::move(answer));
    const auto is_retry = [](const auto& named) { return named.second.kind == Outcome::Kind::retry; };
    if (std::none_of(outcome.named.begin(), outcome.named.end(), is_retry))
        return settled(batch.first_seq, batch.count, settle(batch, outcome));
    // What is retried settles later: the others one by one.
    std::vector<Outcome> each(batch.count);
    for (auto& [index, named] : outcome.named) each.at(index) = std::move(named);
    for (std::uint32_t i = 0; i < batch.count; ++i) {
        if (each[i].kind == Outcome::Kind::retry)
            retry(batch, i, each[i]);
        else
            settle_one(slice(batch, i, 1), each[i]);
    }
}

void DetachedLane::settle_one(const Batch& batch, const Outcome& outcome) {
    BatchOutcome one;
    if (outcome.kind != Outcome::Kind::success) one.named.emplace_back(0, outcome);
    settled(batch.first_seq, 1, settle(batch, one));
}

void DetachedLane::retry(const Batch& batch, std::size_t index, const Outcome& outcome) {
    Batch again = slice(batch, index, 1);
    again.attempt = batch.attempt + (outcome.delay ? 0 : 1);
    const auto& rules = work_.settings.attempts;
    if (again.attempt > rules.max_attempts) {
        again.attempt = batch.attempt;
        return settle_one(again, failure(outcome.reason, outcome.error_class));
    }
    {
        const std::lock_guard lock{waiting_mutex_};
        if (abandoned_) return;
        ++waiting_;
        work_.dispatcher.begin_wait();
    }
    work_.counters.retried.add(1);
    const Duration delay = outcome.delay.value_or(rules.backoff.wait(batch.attempt, rules.random()));
    work_.dispatcher.post_after(delay, [lane = weak_from_this(), again] {
        if (const auto self = lane.lock()) self->start_again(again);
    });
}

void DetachedLane::start_again(const Batch& batch) {
    const std::lock_guard lock{waiting_mutex_};
    if (abandoned_) return;
    // It waited without a slot, and gets the next one that is free.
    work_.dispatcher.enter_next(batch.count, [self = shared_from_this(), batch] {
        self->end_wait();
        if (!self->work_.stopping.is_draining() && !self->is_lost()) return self->start(batch);
        self->work_.dispatcher.leave(batch.count);
    });
}

void DetachedLane::end_wait() {
    const std::lock_guard lock{waiting_mutex_};
    if (abandoned_) return;
    --waiting_;
    work_.dispatcher.end_wait();
}

void DetachedLane::abandon_waiting() {
    const std::lock_guard lock{waiting_mutex_};
    for (abandoned_ = true; waiting_ > 0; --waiting_) work_.dispatcher.end_wait();
}

void DetachedLane::settled(std::uint64_t first_seq, std::uint64_t count, Settlement settlement) {
    bool completes = false;
    {
        const std::lock_guard lock{mutex_};
        watermark_.settled(first_seq, count);
        pending_.tally += settlement.tally;
        std::move(settlement.dead_letters.begin(), settlement.dead_letters.end(),
                  std::back_inserter(pending_.dead_letters));
        dirty_ = true;
        moved_.notify_all();
        completes = at_end_ && watermark_.all_settled();
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
            completes = watermark_.all_settled();
        }
    }
    if (completes) checkpointer_.completed();
}

std::optional<Settlement> DetachedLane::take_settlement() {
    const std::lock_guard lock{mutex_};
    if (!dirty_ || lost_) return {};
    dirty_ = false;
    Settlement settlement = std::exchange(pending_, Settlement{});
    settlement.origin = pending_.origin = origin_;
    settlement.low = watermark_.low_position();
    settlement.above = watermark_.above();
    settlement.above.insert(settlement.above.end(), lane_->above.begin() + static_cast<std::ptrdiff_t>(passed_over_),
                            lane_->above.end());
    settlement.completes = at_end_ && watermark_.all_settled();
    return settlement;
}

void DetachedLane::give_back(Settlement settlement) {
    const std::lock_guard lock{mutex_};
    dirty_ = true;
    pending_.tally += settlement.tally;
    pending_.dead_letters.insert(pending_.dead_letters.begin(),
                                 std::make_move_iterator(settlement.dead_letters.begin()),
                                 std::make_move_iterator(settlement.dead_letters.end()));
}

void DetachedLane::mark_lost() {
    {
        const std::lock_guard lock{mutex_};
        lost_ = true;
        moved_.notify_all();
    }
    abandon_waiting();
}

bool DetachedLane::is_lost() const {
    const std::lock_guard lock{mutex_};
    return lost_;
}

void DetachedLane::close() {
    abandon_waiting();
    const std::lock_guard lock{mutex_};
    lane_.reset();
}

Assignments::End drive_detached(const std::shared_ptr<DetachedLane>& lane, Work& work) {
    bool at_end = false;
    try {
        at_end = read_pages(lane, work);
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
