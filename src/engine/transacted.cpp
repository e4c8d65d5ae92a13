#include "engine/transacted.hpp"

#include "engine/failpoint.hpp"
#include "engine/fault.hpp"

#include <semaphore>

namespace rowmill::engine {
namespace {

BatchOutcome execute(Lane& lane, const Batch& batch, Work& work) {
    const Stopwatch stopwatch{work.clock, work.counters.work_us};
    std::optional<Reply::Answer> answer;
    lane.action->start(batch, {work.settings.run, work.stopping.dropping()},
                       Reply{[&answer](Reply::Answer given) { answer = std::move(given); }});
    if (!answer) throw Error{ErrorKind::internal, "an action in a transaction must answer before it returns"};
    if (const Error* error = std::get_if<Error>(&*answer)) throw Error{*error};
    return std::get<BatchOutcome>(std::move(*answer));
}

void wait(const Attempt& attempt, Work& work) {
    const Stopwatch stopwatch{work.clock, work.counters.waiting_us};
    const bool reconnecting = attempt.reason().starts_with("reconnecting");
    const Waits::Scope waiting{work.waits, reconnecting ? "reconnect" : "retry", attempt.reason()};
    work.clock.wait_until(work.clock.now() + attempt.wait_time(), work.stopping.draining());
}

/// One step of the attempt. Errors leave by exception.
void step(Attempt& attempt, Lane& lane, Work& work) {
    using Do = Attempt::Do;
    switch (attempt.next()) {
        case Do::begin: {
            const Stopwatch stopwatch{work.clock, work.counters.commit_us};
            lane.transaction->begin();
            failpoint("after-begin");
            return attempt.succeeded();
        }
        case Do::execute: {
            const BatchOutcome outcome = execute(lane, attempt.part(), work);
            failpoint("after-statement");
            return attempt.executed(outcome);
        }
        case Do::record: {
            const Stopwatch stopwatch{work.clock, work.counters.commit_us};
            failpoint("before-record");
            lane.ledger->record({&attempt.settlement(), 1});
            failpoint("after-record");
            return attempt.succeeded();
        }
        case Do::commit: {
            const Stopwatch stopwatch{work.clock, work.counters.commit_us};
            failpoint("before-commit");
            lane.transaction->commit();
            failpoint("after-commit");
            return attempt.succeeded();
        }
        case Do::rollback:
            lane.transaction->rollback();
            return attempt.succeeded();
        case Do::wait:
            wait(attempt, work);
            attempt.succeeded();
            if (attempt.next() == Do::begin) work.counters.retried.add(attempt.part().count);
            return;
        case Do::reconnect:
            lane.transaction->reconnect();
            return attempt.succeeded();
        case Do::ask_standing:
            return attempt.stands(lane.ledger->standing(lane.origin, attempt.commit_sent()));
        case Do::expand:
            return attempt.expanded(lane.action->items_of(attempt.part()));
        case Do::done:
        case Do::stop:
        case Do::lose:
        case Do::fail:
            return;
    }
}

bool is_end(Attempt::Do what) {
    return what == Attempt::Do::done || what == Attempt::Do::stop || what == Attempt::Do::lose ||
           what == Attempt::Do::fail;
}

/// A page, cut where the batches' size has shrunk since it was asked for.
std::vector<Batch> batches_of(const Lane& lane, const Page& page, std::uint64_t first_seq, std::uint64_t size) {
    Batch whole{.origin = lane.origin,
                .first_seq = first_seq,
                .count = page.count,
                .after = page.after,
                .upto = page.upto,
                .items = page.items,
                .is_reckoned = page.is_reckoned};
    if (!whole.has_items() || page.count <= size) return {std::move(whole)};
    std::vector<Batch> batches;
    for (std::uint64_t at = 0; at < page.count; at += size)
        batches.push_back(slice(whole, at, std::min(size, page.count - at)));
    return batches;
}

struct Reading {
    std::optional<Page> page;
    std::optional<Error> error;
};

/// The next page, or why there is none: nothing left of the limit, a stop, an error.
Reading read(Lane& lane, Work& work, BatchSize& size, const std::stop_token& stop) {
    Reading reading;
    size.follow(work.batch_limits());
    try {
        reading.page = work.read(*lane.source, lane.by_item, size.size(), stop);
        if (reading.page) failpoint("page-read");
    } catch (...) {
        const Error error = current_error();
        if (error.kind() != ErrorKind::stopped && !work.stopping.is_dropping()) reading.error = error;
    }
    return reading;
}

/// One on the pool, the other meanwhile on this thread. Neither throws.
void do_both(Dispatcher& dispatcher, const std::function<void()>& on_pool, const std::function<void()>& here) {
    std::binary_semaphore done{0};
    dispatcher.post([&] {
        on_pool();
        done.release();
    });
    here();
    done.acquire();
}

/// All batches of a page, one after another.
Worked transact_page(Lane& lane, const Page& page, std::uint64_t first_seq, Work& work, BatchSize& size) {
    const std::vector<Batch> batches = batches_of(lane, page, first_seq, size.size());
    Worked all{.how = Attempt::Do::done};
    for (std::size_t i = 0; i < batches.size() && all.how == Attempt::Do::done; ++i) {
        if (i > 0 && !work.gate.wait(work.stopping.draining())) return {Attempt::Do::stop};
        const bool completes = page.at_end && i + 1 == batches.size();
        const Worked one = transact(lane, batches[i], completes, work, size);
        all = {one.how, all.took + one.took};
    }
    return all;
}

/// Works on a page when its turn has come, and has the next one read meanwhile where that is worth it. None: stopped before. The permit is
/// for the work alone: who waits for a page must not keep another lane from its own.
std::optional<Worked> work_on(Lane& lane, const Page& page, std::uint64_t first_seq, Work& work, Pace& pace, const std::stop_token& stop,
                              Reading& ahead) {
    const Permits::Held permit = work.lanes.take(work.stopping.draining());
    if (!permit || !work.rest(std::exchange(pace.worked, {})) || !work.wait_for_turn(page.count)) return {};
    work.dispatcher.enter_anyway(page.count);
    Worked worked;
    const auto transact_it = [&] {
        try {
            worked = transact_page(lane, page, first_seq, work, pace.batch);
        } catch (...) {
            work.fail(current_error());
        }
        work.dispatcher.leave(page.count);
    };
    // What waits item by item comes when it will: what was read is not to wait for it.
    if (page.at_end || lane.by_item || lane.source->knows_next() || work.stopping.is_draining()) {
        transact_it();  // to the pool and back would be two switches of threads, with nothing to be read meanwhile
    } else {
        BatchSize next_size = pace.batch;  // the batch in work moves it
        do_both(work.dispatcher, transact_it, [&] { ahead = read(lane, work, next_size, stop); });
    }
    return worked;
}

}  // namespace

Worked transact(Lane& lane, Batch batch, bool completes, Work& work, BatchSize& size) {
    Attempt::Rules rules = work.settings.attempts;
    rules.record_inside = lane.transaction->record_inside();
    rules.by_item = lane.by_item;
    const bool is_reckoned = batch.is_reckoned;
    std::uint64_t items = is_reckoned ? 0 : batch.count;
    Attempt attempt{std::move(batch), completes, std::move(rules)};
    const TimePoint began = work.clock.now();
    while (!is_end(attempt.next())) {
        try {
            step(attempt, lane, work);
        } catch (...) {
            const Error error = current_error();
            const Error cause = work.stopping.is_dropping() ? Error{ErrorKind::stopped, "dropped"} : error;
            attempt.failed(cause, work.clock.now());
        }
        if (work.stopping.is_draining()) attempt.leave();
        for (const Settlement& settlement : attempt.take_recorded()) {
            work.count(settlement);
            if (is_reckoned) items += settlement.tally.settled();  // how many there were shows only now
        }
    }
    if (attempt.next() == Attempt::Do::fail) work.fail(*attempt.error());
    if (attempt.next() != Attempt::Do::done || attempt.troubled()) return {attempt.next()};
    const TimePoint now = work.clock.now();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - began);
    work.counters.calls.add(1);
    work.counters.calls_us.add(static_cast<std::uint64_t>(took.count()));
    size.follow(work.batch_limits());
    if (items == 0) return {attempt.next(), took};  // a hole: that it took no time says nothing of work
    const LoadWindow::Piece piece{.began = began, .ended = now, .items = items, .room = 1, .in_flight = work.lanes.held(), .refused = false};
    if (work.adaptation.worked(piece, size.is_far_too_long(took))) size.sample(items, took);
    work.counters.batch_size = size.size();
    return {attempt.next(), took};
}

Assignments::End drive_transacted(Lane& lane, Work& work, Pace& pace, std::stop_token stop) {
    std::uint64_t seq = 0;
    Reading ahead = read(lane, work, pace.batch, stop);
    while (ahead.page) {
        const Page page = std::move(*ahead.page);
        ahead = {};
        const std::optional<Worked> worked = work_on(lane, page, seq, work, pace, stop, ahead);
        if (!worked) return Assignments::End::stopped;
        seq += page.count;
        pace.worked = worked->took;
        if (worked->how == Attempt::Do::lose) return Assignments::End::lost;
        if (worked->how != Attempt::Do::done) return Assignments::End::stopped;
        if (page.at_end) return Assignments::End::completed;
        if (!ahead.page && !ahead.error && !work.stopping.is_draining()) ahead = read(lane, work, pace.batch, stop);
    }
    if (ahead.error) work.fail(*ahead.error);
    return Assignments::End::stopped;
}

}  // namespace rowmill::engine
