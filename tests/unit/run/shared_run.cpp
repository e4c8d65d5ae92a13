#include "shared_run.hpp"

#include <algorithm>

namespace rowmill::test {
namespace {

using Time = FakeStore::Time;

constexpr Time lease{2000};
constexpr std::uint64_t sack_rows = 20;
constexpr std::size_t page_rows = 4;
constexpr std::size_t read_ahead = 3;

}  // namespace

SharedRun::SharedRun(Dice& dice, const FakeRows& rows, bool transacted, Troubles troubles)
    : dice_{dice}, rows_{rows}, transacted_{transacted}, troubles_{troubles} {
    add_process();
}

void SharedRun::add_process() {
    auto process = std::make_unique<Process>();
    process->worker = store_.register_worker(lease);
    process->readers = dice_.between(1, 3);
    process->renew_at = store_.now + lease / 3;
    processes_.push_back(std::move(process));
}

bool SharedRun::is_over() const { return run::next_for_idle(store_.open_sacks(1000)) == run::Next::leave; }

void SharedRun::calm_down() {
    troubles_ = {};
    for (const auto& process : processes_) process->sleeps_until.reset();
    if (processes_.empty()) add_process();
}

unsigned SharedRun::times_done(std::int64_t row) const {
    const auto found = done_.find(row);
    return found == done_.end() ? 0 : found->second;
}

void SharedRun::step() {
    if (dice_.chance(0.3)) pass_time(Time{dice_.between(1, 400)});
    if (processes_.empty()) return add_process();
    Process& process = *processes_[dice_.between(0, processes_.size() - 1)];
    if (process.sleeps_until && store_.now < *process.sleeps_until) return;
    process.sleeps_until.reset();
    if (dice_.chance(troubles_.sleep)) {
        process.sleeps_until = store_.now + Time{dice_.between(1, 3 * static_cast<std::uint64_t>(lease.count()))};
        return;
    }
    if (dice_.chance(troubles_.crash)) return remove(process);
    try {
        act(process);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::fenced) throw;
        remove(process);  // it was declared dead: it leaves
    }
}

void SharedRun::pass_time(FakeStore::Time time) {
    store_.now += time;
    for (const auto& process : processes_) {
        if (process->sleeps_until || store_.now < process->renew_at) continue;
        process->renew_at = store_.now + lease / 3;
        store_.renew_lease(process->worker, lease);
    }
}

std::uint64_t SharedRun::unrecorded() const {
    std::uint64_t rows = unrecorded_;
    for (const auto& process : processes_)
        for (const Lane& lane : process->lanes) rows += unrecorded(lane);
    return rows;
}

void SharedRun::act(Process& process) {
    // Where it has slept it may be a while before it notices that it was declared dead.
    if (dice_.chance(0.5) && !store_.has_worker(process.worker)) throw Error{ErrorKind::fenced, "declared dead"};
    if (dice_.chance(0.2)) plan(process);
    if (dice_.chance(0.2)) answer(process);
    if (process.lanes.size() < process.readers && dice_.chance(0.5)) return claim(process);
    if (!process.lanes.empty()) work(process);
}

void SharedRun::plan(Process& process) {
    const store::OpenSacks open = store_.open_sacks(2 * run::planned_ahead);
    if (open.pending > 0) process.without_sacks.reset();
    else if (!process.without_sacks) process.without_sacks = store_.now;
    const Time without = process.without_sacks ? store_.now - *process.without_sacks : Time{0};
    if (!run::may_plan(open, process.worker, without)) return;
    Key from = open.walk_position;
    std::vector<store::NewSack> sacks;
    bool done = false;
    for (std::uint64_t count = dice_.between(1, 3); count > 0 && !done; --count) {
        const Key after = sacks.empty() ? from : sacks.back().upto;
        auto ids = rows_.in({after, {}});
        done = ids.size() <= sack_rows;
        if (!done) ids.resize(sack_rows);
        if (!ids.empty()) sacks.push_back({after, key_of(ids.back()), ids.size(), true});
    }
    store_.add_sacks(sacks, from, sacks.empty() ? from : sacks.back().upto, done);
}

void SharedRun::claim(Process& process) {
    std::optional<store::SackRecord> sack;
    switch (run::next_for_idle(store_.open_sacks(1000))) {
        case run::Next::claim: sack = store_.claim_pending(process.worker); break;
        case run::Next::share:
            take_over(process);
            sack = store_.claim_orphan(process.worker);
            if (!sack && !split_one(process)) store_.ask_for_split(process.worker);
            break;
        case run::Next::wait:
        case run::Next::leave: break;
    }
    if (!sack) return;
    Lane lane{.sack = *sack, .stretch = {}, .work = {}};
    lane.stretch = std::make_shared<run::Stretch>(table::Range{sack->low, sack->upto}, sack->rows, page_rows);
    process.lanes.push_back(std::move(lane));
}

void SharedRun::take_over(Process& process) {
    for (const store::WorkerId worker : store_.expired_workers())
        if (worker != process.worker) store_.declare_expired(worker);
}

bool SharedRun::split_one(Process& process) {
    Lane* largest = nullptr;
    for (Lane& lane : process.lanes)
        if (largest == nullptr || lane.stretch->rows_left() > largest->stretch->rows_left()) largest = &lane;
    return largest != nullptr && split(*largest);
}

void SharedRun::answer(Process& process) {
    for (const store::SackId sack : store_.wanted_splits(process.worker)) {
        const auto lane = std::ranges::find(process.lanes, sack, [](const Lane& each) { return each.sack.id; });
        if (lane != process.lanes.end() && !split(*lane)) store_.decline_split(sack, lane->sack.fence);
    }
}

bool SharedRun::split(Lane& lane) {
    bool is_split = false;
    lane.stretch->hold(Time{0}, [&](const run::Stretch::Left& left) {
        auto middle = try_split(lane, left);
        is_split = middle.has_value();
        return middle;
    });
    if (is_split) ++splits_;
    return is_split;
}

std::optional<Key> SharedRun::try_split(Lane& lane, const run::Stretch::Left& left) {
    const run::Worth worth = run::worth_splitting(left.page, dice_.chance(0.2) ? page_rows : sack_rows);
    const table::Middle middle = rows_.middle(left.range, worth);
    if (!middle.key) return {};
    const bool is_whole = middle.rows < worth.most;
    const auto shares = run::share_rows(lane.sack.rows, left.rows_read, middle.rows, middle.below, is_whole);
    const bool has_no_answer = dice_.chance(troubles_.no_answer);
    const bool is_lost = has_no_answer && dice_.chance(0.5);
    try {
        if (!is_lost)
            store_.split_sack(lane.sack.id, lane.sack.fence, left.range.upto, *middle.key, shares.below, shares.above);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::fenced) throw;
        return {};
    }
    if (has_no_answer && !run::split_stands(store_.lock_sack(lane.sack.id), lane.sack.fence, *middle.key).value_or(false))
        return {};
    lane.sack.rows = shares.below;
    return middle.key;
}

void SharedRun::work(Process& process) {
    const std::size_t index = dice_.between(0, process.lanes.size() - 1);
    Lane& lane = process.lanes[index];
    const std::size_t most = transacted_ ? 2 : read_ahead;
    if (!lane.read_to_end && lane.work.size() < most && dice_.chance(0.6)) return read(lane);
    if (!transacted_ && !lane.work.empty() && dice_.chance(0.6)) {  // any of those in flight comes back
        Lane::Work& back = lane.work[dice_.between(0, lane.work.size() - 1)];
        if (!std::exchange(back.settled, true))
            for (const std::int64_t row : back.rows) ++done_[row];
        return;
    }
    const bool has_more = record(lane);
    if (!has_more) process.lanes.erase(process.lanes.begin() + static_cast<std::ptrdiff_t>(index));
}

void SharedRun::read(Lane& lane) {
    Lane::Work work;
    work.page = lane.stretch->read(page_rows, {}, [&](const table::Range& left) {
        if (dice_.chance(0.1) && split(lane)) throw Error{ErrorKind::internal, "split while it was read"};
        work.rows = rows_.in(left);
        if (work.rows.size() > page_rows) work.rows.resize(page_rows);
        return rows_.read(left, page_rows);
    });
    lane.read_to_end = work.page.at_end;
    lane.work.push_back(std::move(work));
}

bool SharedRun::record(Lane& lane) {
    store::Checkpoint checkpoint{.sack = lane.sack.id, .fence = lane.sack.fence, .seq = lane.sack.seq};
    std::size_t count = 0;
    for (const Lane::Work& work : lane.work) {
        if (!transacted_ && !work.settled) break;
        ++count;
        checkpoint.low = work.page.upto;
        checkpoint.tally.succeeded += work.rows.size();
        if (transacted_) break;
    }
    if (count == 0) return true;
    checkpoint.completes = lane.read_to_end && count == lane.work.size();
    try {
        store_.checkpoint(checkpoint);
    } catch (const Error&) {
        unrecorded_ += unrecorded(lane);
        return false;
    }
    ++lane.sack.seq;
    for (; count > 0; --count) {
        if (transacted_)
            for (const std::int64_t row : lane.work.front().rows) ++done_[row];
        lane.work.pop_front();
    }
    return !checkpoint.completes;
}

std::uint64_t SharedRun::unrecorded(const Lane& lane) {
    std::uint64_t rows = 0;
    for (const Lane::Work& work : lane.work)
        if (work.settled) rows += work.rows.size();
    return rows;
}

void SharedRun::remove(Process& process) {
    for (const Lane& lane : process.lanes) unrecorded_ += unrecorded(lane);
    std::erase_if(processes_, [&](const auto& each) { return each.get() == &process; });
}

}  // namespace rowmill::test
