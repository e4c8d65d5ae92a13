#include "engine/work.hpp"

#include "engine/reasons.hpp"

#include <algorithm>
#include <random>

namespace rowmill::engine {
namespace {

/// How soon a reader that rests, or waits for its turn, learns that it is to do so longer or shorter.
constexpr Duration longest_slice{250};

/// Whatever the ratio: a time that there is.
constexpr std::chrono::hours longest_rest{24 * 365};

/// Without a source of randomness every backoff would be zero.
Settings with_jitter(Settings settings) {
    if (!settings.attempts.random) {
        settings.attempts.random = [] {
            thread_local std::mt19937_64 bits{std::random_device{}()};
            return bits();
        };
    }
    return settings;
}

}  // namespace

Work::Work(const Settings& given, Executor& executor, Clock& given_clock, Stopping& given_stopping,
           Counters& given_counters, Waits& given_waits)
    : settings{with_jitter(given)},
      clock{given_clock},
      stopping{given_stopping},
      counters{given_counters},
      waits{given_waits},
      dispatcher{executor, given.transacted ? 0 : given.concurrency},
      calls{executor, given_clock, given_stopping, dispatcher, given.timeout},
      rate{given.rate},
      budget{given.limit},
      gate{given_waits},
      lanes{given.transacted ? given.concurrency : 0},
      adaptation{given_clock, [this](std::uint64_t most) { limit_concurrency(most); }},
      nice_{given.nice},
      call_items_{std::max<std::uint64_t>(given.call_items, 1)},
      batch_limits_{given.batch_size} {
    counters.batch_size = given.batch_size.start;
    if (given.adaptive) adapt_concurrency(*given.adaptive);
}

void Work::fail(const Error& error) {
    {
        const std::lock_guard lock{mutex_};
        if (!error_) error_ = error;
    }
    stopping.drain(error.what());
}

std::optional<Error> Work::error() const {
    const std::lock_guard lock{mutex_};
    return error_;
}

void Work::count(const Settlement& settlement) {
    counters.add(settlement.tally);
    if (settlement.tally.failed == 0) return;
    {
        const std::lock_guard lock{mutex_};
        if (has_others_ && !settings.max_failures.number) return;
    }
    const Tally so_far = counters.tally();
    if (!settings.max_failures.exceeded(so_far)) return;
    fail_for_failures(so_far, settlement.dead_letters.empty() ? "" : settlement.dead_letters.back().reason);
}

void Work::judge(const Tally& by_all) {
    {
        const std::lock_guard lock{mutex_};
        has_others_ = true;
    }
    if (settings.max_failures.exceeded(by_all)) fail_for_failures(by_all, "");
}

void Work::fail_for_failures(const Tally& tally, const std::string& last) {
    fail(Error{ErrorKind::fatal, "too many items failed, " + std::to_string(tally.failed) + " of " +
                                     std::to_string(tally.settled()) + " (max_failures)" +
                                     (last.empty() ? "" : ", the last one with: " + last)});
}

std::optional<Page> Work::read(Source& source, bool by_item, std::uint64_t wanted, const std::stop_token& stop) {
    const std::uint64_t most = rate.most_at_once(wanted);
    if (by_item) return source.next(most, stop);
    const std::uint64_t allowed = budget.take(most);
    if (allowed == 0) return {};
    try {
        const Stopwatch stopwatch{clock, counters.read_us};
        Page page = source.next(allowed, stopping.draining());
        budget.give_back(allowed - std::min(allowed, page.count));
        return page;
    } catch (...) {
        budget.give_back(allowed);
        throw;
    }
}

bool Work::wait_for_turn(std::uint64_t items) {
    const std::stop_token draining = stopping.draining();
    return gate.wait(draining) && (!rate.is_limited() || wait_for_rate(items, draining));
}

bool Work::wait_for_rate(std::uint64_t items, const std::stop_token& stop) {
    RateLimit::Turn turn = rate.take(items, clock.now());
    const auto is_early = [&] { return turn.begin > clock.now(); };
    do {
        // By another rate the turn may come far sooner.
        if (!rate.holds(turn)) turn = rate.take(items, clock.now());
        if (is_early()) {
            const Waits::Scope waiting{waits, "rate", std::string{rate_is_limited}};
            const Stopwatch stopwatch{clock, counters.waiting_us};
            while (is_early() && rate.holds(turn) && !gate.is_held())
                if (!clock.wait_until(std::min(turn.begin, clock.now() + longest_slice), stop)) return false;
        }
        if (!gate.wait(stop)) return false;
    } while (is_early() || !rate.holds(turn));
    return true;
}

bool Work::rest(std::chrono::microseconds worked) {
    const std::stop_token draining = stopping.draining();
    if (nice_ <= 0) return !draining.stop_requested();
    const Waits::Scope waiting{waits, "nice", "the run is nice, and rests after each piece of work"};
    const Stopwatch stopwatch{clock, counters.waiting_us};
    const TimePoint began = clock.now();
    for (;;) {
        const std::chrono::duration<double, std::micro> whole{static_cast<double>(worked.count()) * nice_};
        const TimePoint end = began + std::chrono::duration_cast<TimePoint::duration>(std::min<decltype(whole)>(whole, longest_rest));
        const TimePoint now = clock.now();
        if (now >= end) return true;
        if (!clock.wait_until(std::min(end, now + longest_slice), draining)) return false;
    }
}

std::uint64_t Work::concurrency_limit() const {
    return settings.transacted ? lanes.most() : dispatcher.limit();
}

std::uint64_t Work::room_for(std::uint64_t most) const {
    return settings.make_room ? settings.make_room(most) : most;
}

void Work::limit_concurrency(std::uint64_t most) {
    if (settings.transacted)
        lanes.set_most(most);
    else
        dispatcher.set_limit(most);
}

void Work::set_concurrency(std::uint64_t most) {
    adaptation.end();
    limit_concurrency(room_for(most));
}

void Work::adapt_concurrency(GradientLimit::Bounds bounds) {
    bounds.most = room_for(bounds.most);
    if (bounds.most == 0) return set_concurrency(0);  // there is nothing to be bounded
    adaptation.begin(bounds, adapting_sizes());
}

std::uint64_t Work::adapting_sizes() const {
    const bool is_fixed = batch_limits().target <= Duration::zero();
    return settings.transacted && !is_fixed ? settings.readers : 0;
}

BatchSize::Limits Work::batch_limits() const {
    const std::lock_guard lock{mutex_};
    return batch_limits_;
}

void Work::set_batch(std::uint64_t items) {
    {
        const std::lock_guard lock{mutex_};
        batch_limits_.start = items;
        ++batch_limits_.turn;
    }
    counters.batch_size = items;
    if (settings.batch_is_a_call) call_items_ = std::max<std::uint64_t>(items, 1);
}

void Work::set_target_time(Duration target) {
    {
        const std::lock_guard lock{mutex_};
        batch_limits_.target = target;
    }
    adaptation.set_sizes(adapting_sizes());
}

}  // namespace rowmill::engine
