#include "engine/checkpointer.hpp"

#include "engine/failpoint.hpp"
#include "engine/fault.hpp"
#include "item/error_kind.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace rowmill::engine {
namespace {

/// Retries that follow each other closely share a write.
constexpr Duration soonest{50};

/// More than this may not have settled since the last write began: it would be longer than the one before, and the next one
/// longer still.
std::uint64_t most_unrecorded(const Work& work) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t items = work.settings.checkpoint_items;
    return std::max(items > most / 4 ? most : 4 * items, 2 * work.dispatcher.limit());
}

}  // namespace

void Checkpointer::start(ThreadScope scope) {
    thread_ = std::jthread{[this, scope] {
        try {
            const auto held = scope ? scope() : nullptr;
            loop();
        } catch (...) {
            work_.fail(current_error());
        }
    }};
}

void Checkpointer::add(std::shared_ptr<DetachedLane> lane) {
    const std::lock_guard lock{mutex_};
    lanes_.push_back(std::move(lane));
}

void Checkpointer::settled(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    settled_ += items;
    if (settled_ >= work_.settings.checkpoint_items) wake_.notify_one();
}

bool Checkpointer::wait_for_room(std::stop_token stop) {
    const std::uint64_t most = most_unrecorded(work_);
    const auto has_room = [&] { return settled_ < most; };
    std::unique_lock lock{mutex_};
    if (has_room()) return true;
    const Waits::Scope waiting{work_.waits, "checkpoint", "what has settled is being recorded"};
    return room_.wait(lock, std::move(stop), has_room);
}

void Checkpointer::completed() {
    const std::lock_guard lock{mutex_};
    has_completed_ = true;
    wake_.notify_one();
}

void Checkpointer::retry_in(Duration delay) {
    const TimePoint when = std::chrono::steady_clock::now() + std::max(delay, soonest);
    const std::lock_guard lock{mutex_};
    if (due_at_ && *due_at_ <= when) return;
    due_at_ = when;
    wake_.notify_one();
}

void Checkpointer::loop() {
    std::unique_lock lock{mutex_};
    const auto now = [] { return std::chrono::steady_clock::now(); };
    TimePoint usual = now() + work_.settings.checkpoint_interval;
    const auto until = [&] { return std::min(usual, due_at_.value_or(usual)); };
    const auto has_much = [&] { return settled_ >= work_.settings.checkpoint_items; };
    while (!finishing_) {
        while (!finishing_ && !has_completed_ && !has_much())
            if (wake_.wait_until(lock, until()) == std::cv_status::timeout) break;
        const bool all = finishing_ || has_much() || now() >= until();
        lock.unlock();
        write(all ? Which::all : Which::completing);
        lock.lock();
        if (all) usual = now() + work_.settings.checkpoint_interval;
    }
}

bool Checkpointer::write(Which which) {
    const std::lock_guard writing{writing_};
    const Stopwatch stopwatch{work_.clock, work_.counters.commit_us};
    if (hopeless_) {
        forget_what_is_due();
        return true;
    }
    if (!resolve_doubts()) return hopeless_;
    std::map<Ledger*, std::vector<Pending>> by_ledger;
    for (Pending& pending : take_settlements(which)) by_ledger[&pending.lane->ledger()].push_back(std::move(pending));
    bool all = true;
    for (auto& [ledger, pending] : by_ledger)
        if (!record(*ledger, std::move(pending))) all = false;
    if (all) give_up_at_.reset();
    return all || hopeless_;
}

void Checkpointer::forget_what_is_due() {
    const std::lock_guard lock{mutex_};
    settled_ = 0;
    has_completed_ = false;
    due_at_.reset();
    room_.notify_all();
}

std::vector<Checkpointer::Pending> Checkpointer::take_settlements(Which which) {
    std::vector<std::shared_ptr<DetachedLane>> lanes;
    {
        const std::lock_guard lock{mutex_};
        lanes = lanes_;
        has_completed_ = false;
        if (which == Which::all) {
            settled_ = 0;
            due_at_.reset();
            room_.notify_all();
        }
    }
    std::vector<Pending> taken;
    for (const auto& lane : lanes)
        if (auto settlement = lane->take_settlement(which)) taken.push_back({lane, std::move(*settlement)});
    return taken;
}

bool Checkpointer::record(Ledger& ledger, std::vector<Pending> pending) {
    std::vector<Settlement> settlements;
    for (const Pending& one : pending) settlements.push_back(one.settlement);
    try {
        ledger.record(settlements);
    } catch (...) {
        return not_recorded(ledger, std::move(pending), current_error());
    }
    failpoint("checkpoint-written");
    for (const Pending& one : pending) recorded(one);
    return true;
}

bool Checkpointer::not_recorded(Ledger& ledger, std::vector<Pending> pending, const Error& error) {
    if (is_lost_connection(error.kind())) {
        std::move(pending.begin(), pending.end(), std::back_inserter(doubts_));
        try_later(error);
        return false;
    }
    if (error.kind() == ErrorKind::fenced && pending.size() == 1) {
        lost(pending.front().lane);
        return true;
    }
    if (error.kind() == ErrorKind::fenced) {  // all or nothing: one by one it shows which
        bool all = true;
        for (Pending& one : pending) {
            std::vector<Pending> single;
            single.push_back(std::move(one));
            if (!record(ledger, std::move(single))) all = false;
        }
        return all;
    }
    for (Pending& one : pending) one.lane->give_back(std::move(one.settlement));
    if (error.kind() == ErrorKind::stopped) {  // the ledger was told to leave: what is not recorded is done again
        hopeless_ = true;
        return false;
    }
    try_later(error);
    return false;
}

void Checkpointer::try_later(const Error& error) {
    const TimePoint now = work_.clock.now();
    if (!give_up_at_) give_up_at_ = now + work_.settings.attempts.reconnect_for;
    const bool may_stand_later = may_pass(error.kind()) || is_lost_connection(error.kind());
    if (may_stand_later && now < *give_up_at_) return;
    hopeless_ = true;
    if (!work_.stopping.is_dropping()) work_.fail(error);
}

void Checkpointer::tell(OriginId origin, Assignments::End end) {
    try {
        finished_(origin, end);
    } catch (...) {
        work_.fail(current_error());
    }
}

bool Checkpointer::resolve_doubts() {
    while (!doubts_.empty()) {
        Pending& doubt = doubts_.back();
        Standing standing{};
        try {
            standing = doubt.lane->ledger().standing(doubt.lane->origin(), true);
        } catch (...) {
            const Error error = current_error();
            if (error.kind() != ErrorKind::fenced) {
                try_later(error);
                return false;
            }
            standing = Standing::moved;
        }
        const Pending resolved = std::move(doubt);
        doubts_.pop_back();
        if (standing == Standing::recorded) recorded(resolved);
        if (standing == Standing::not_recorded) resolved.lane->give_back(resolved.settlement);
        if (standing == Standing::moved) lost(resolved.lane);
    }
    return true;
}

void Checkpointer::recorded(const Pending& pending) {
    work_.count(pending.settlement);
    if (!pending.settlement.completes) return;
    {
        const std::lock_guard lock{mutex_};
        std::erase(lanes_, pending.lane);
    }
    pending.lane->close();
    tell(pending.lane->origin(), Assignments::End::completed);
}

void Checkpointer::lost(const std::shared_ptr<DetachedLane>& lane) {
    lane->mark_lost();
    {
        const std::lock_guard lock{mutex_};
        std::erase(lanes_, lane);
        lost_.push_back(lane);
    }
    tell(lane->origin(), Assignments::End::lost);
}

void Checkpointer::finish() {
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    const Backoff backoff{work_.settings.attempts.backoff.first, Duration{5000}};
    for (unsigned attempt = 1; !write(); ++attempt) {
        const Waits::Scope waiting{work_.waits, "reconnect", "the last checkpoint could not be written yet"};
        if (!work_.clock.wait_until(work_.clock.now() + backoff.ceiling(attempt), work_.stopping.dropping())) break;
    }
    for (const auto& lane : lost_) lane->close();
    for (const auto& lane : lanes_) {
        lane->close();
        tell(lane->origin(), Assignments::End::stopped);
    }
    lost_.clear();
    lanes_.clear();
}

}  // namespace rowmill::engine
