#include "engine/detached.hpp"

#include "engine/checkpointer.hpp"
#include "engine/failpoint.hpp"

#include <algorithm>
#include <iterator>

namespace rowmill::engine {

DetachedLane::DetachedLane(std::unique_ptr<Lane> lane, Work& work, Checkpointer& checkpointer)
    : lane_{std::move(lane)}, work_{work}, checkpointer_{checkpointer}, watermark_{lane_->low} {
    pending_.origin = lane_->origin;
}

bool DetachedLane::dispatch(const Page& page) {
    const std::uint64_t call_items = page.items.empty() ? 0 : work_.settings.call_items;
    if (page.items.empty()) {  // nothing matched up to here: the watermark moves all the same
        const std::lock_guard lock{mutex_};
        watermark_.dispatched({.origin = origin(), .first_seq = watermark_.next_seq(), .after = page.after, .upto = page.upto, .items = {}});
        dirty_ = true;
        return !lost_;
    }
    Batch whole{.origin = origin(), .count = page.count, .after = page.after, .upto = page.upto, .items = page.items};
    for (std::uint64_t at = 0; at < page.count; at += call_items) {
        Batch call = slice(whole, at, std::min(call_items, page.count - at));
        if (!work_.wait_for_rate(call.count) || !wait_for_gap()) return false;
        if (!work_.dispatcher.enter(call.count, work_.stopping.draining())) return false;
        {
            const std::lock_guard lock{mutex_};
            call.first_seq = watermark_.next_seq();
            watermark_.dispatched(call);
        }
        start(std::move(call));
    }
    return true;
}

void DetachedLane::start(Batch batch) {
    auto self = shared_from_this();
    auto call = [self, batch] {
        self->lane_->action->start(batch, {self->work_.settings.run, self->work_.stopping.dropping()},
                                   Reply{[self, batch](Reply::Answer answer) { self->answered(batch, std::move(answer)); }});
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
    if (const Error* error = std::get_if<Error>(&answer)) {
        if (work_.stopping.is_dropping() || error->kind() != ErrorKind::row) {
            // Nothing is settled: these items run again after a resume.
            if (!work_.stopping.is_dropping()) work_.fail(*error);
            work_.dispatcher.leave(batch.count);
            return;
        }
        BatchOutcome failed;
        for (std::uint32_t i = 0; i < batch.count; ++i) failed.named.emplace_back(i, failure(error->what()));
        answer = std::move(failed);
    }
    BatchOutcome outcome = std::get<BatchOutcome>(std::move(answer));
    std::vector<std::pair<std::uint32_t, Outcome>> retries;
    std::erase_if(outcome.named, [&](auto& named) {
        if (named.second.kind != Outcome::Kind::retry) return false;
        retries.push_back(std::move(named));
        return true;
    });
    if (retries.empty()) {
        settled(batch.first_seq, batch.count, settle(batch, outcome));
        work_.dispatcher.leave(batch.count);
        return;
    }
    // What is retried settles later: the others one by one.
    for (std::uint32_t i = 0; i < batch.count; ++i) {
        const auto is_this = [i](const auto& named) { return named.first == i; };
        const auto again = std::find_if(retries.begin(), retries.end(), is_this);
        if (again != retries.end()) {
            retry(batch, i, again->second);
            continue;
        }
        const auto named = std::find_if(outcome.named.begin(), outcome.named.end(), is_this);
        settle_one(slice(batch, i, 1), named == outcome.named.end() ? success() : named->second);
    }
    work_.dispatcher.leave(batch.count);
}

void DetachedLane::settle_one(const Batch& batch, const Outcome& outcome) {
    BatchOutcome one;
    if (outcome.kind != Outcome::Kind::success) one.named.emplace_back(0, outcome);
    settled(batch.first_seq, 1, settle(batch, one));
}

void DetachedLane::retry(const Batch& batch, std::size_t index, const Outcome& outcome) {
    Batch again = slice(batch, index, 1);
    again.attempt = batch.attempt + (outcome.delay ? 0 : 1);
    if (again.attempt > work_.settings.attempts.max_attempts) {
        again.attempt = batch.attempt;
        return settle_one(again, failure(outcome.reason, outcome.error_class));
    }
    work_.counters.retried.add(1);
    const auto& rules = work_.settings.attempts;
    const Duration delay = outcome.delay.value_or(rules.backoff.wait(batch.attempt, rules.random ? rules.random() : 0));
    auto self = shared_from_this();
    work_.dispatcher.begin_wait();
    work_.dispatcher.post_after(delay, [self, again] { self->start_again(again); });
}

void DetachedLane::start_again(const Batch& batch) {
    // It waited without a slot, and asks for one now that its time has come.
    if (work_.stopping.is_draining()) return work_.dispatcher.end_wait();
    if (work_.dispatcher.try_enter(batch.count)) {
        work_.dispatcher.end_wait();
        return start(batch);
    }
    auto self = shared_from_this();
    work_.dispatcher.post_after(Duration{1}, [self, batch] { self->start_again(batch); });
}

void DetachedLane::settled(std::uint64_t first_seq, std::uint64_t count, Settlement settlement) {
    {
        const std::lock_guard lock{mutex_};
        watermark_.settled(first_seq, count);
        pending_.tally += settlement.tally;
        std::move(settlement.dead_letters.begin(), settlement.dead_letters.end(),
                  std::back_inserter(pending_.dead_letters));
        dirty_ = true;
        moved_.notify_all();
    }
    checkpointer_.settled(count);
}

void DetachedLane::read_to_end() {
    const std::lock_guard lock{mutex_};
    at_end_ = dirty_ = true;
}

std::optional<Settlement> DetachedLane::take_settlement() {
    const std::lock_guard lock{mutex_};
    if (!dirty_ || lost_) return {};
    dirty_ = false;
    Settlement settlement = std::exchange(pending_, Settlement{});
    settlement.origin = pending_.origin = lane_->origin;
    settlement.low = watermark_.low_position();
    settlement.above = watermark_.above();
    settlement.completes = at_end_ && watermark_.all_settled();
    return settlement;
}

void DetachedLane::give_back(Settlement settlement) {
    const std::lock_guard lock{mutex_};
    dirty_ = true;
    settlement.tally += pending_.tally;
    pending_.tally = settlement.tally;
    pending_.dead_letters.insert(pending_.dead_letters.begin(), std::make_move_iterator(settlement.dead_letters.begin()),
                                 std::make_move_iterator(settlement.dead_letters.end()));
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

Assignments::End drive_detached(const std::shared_ptr<DetachedLane>& lane, Work& work) {
    for (;;) {
        const std::uint64_t allowed = work.budget.take(work.settings.page_items);
        if (allowed == 0) return Assignments::End::stopped;
        Page page;
        try {
            const Stopwatch stopwatch{work.clock, work.counters.read_us};
            page = lane->source().next(allowed, work.stopping.draining());
            work.budget.give_back(allowed - std::min(allowed, page.count));
            failpoint("page-read");
        } catch (const Error& error) {
            work.budget.give_back(allowed);
            if (error.kind() != ErrorKind::stopped && !work.stopping.is_dropping()) work.fail(error);
            return Assignments::End::stopped;
        }
        if (!lane->dispatch(page)) return lane->is_lost() ? Assignments::End::lost : Assignments::End::stopped;
        if (page.at_end) {
            lane->read_to_end();
            return Assignments::End::completed;
        }
    }
}

}  // namespace rowmill::engine
