#include "engine/work.hpp"

#include <algorithm>
#include <random>

namespace rowmill::engine {
namespace {

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
      dispatcher{executor, given.concurrency},
      calls{executor, given_clock, given_stopping, dispatcher, given.timeout},
      rate{given.rate},
      budget{given.limit},
      gate{given_waits} {}

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
    const Tally so_far = counters.tally();
    if (!settings.max_failures.exceeded(so_far)) return;
    const std::string last = settlement.dead_letters.empty() ? "" : ": " + settlement.dead_letters.back().reason;
    fail(Error{ErrorKind::fatal, "too many items failed, " + std::to_string(so_far.failed) + " of " +
                                     std::to_string(so_far.settled()) + " (max_failures), the last one with" + last});
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
    if (!gate.wait(draining)) return false;
    if (!rate.is_limited()) return true;
    const TimePoint now = clock.now();
    const TimePoint begin = rate.take(items, now);
    if (begin <= now) return true;
    {
        const Waits::Scope waiting{waits, "rate", "the rate is limited"};
        const Stopwatch stopwatch{clock, counters.waiting_us};
        if (!clock.wait_until(begin, draining)) return false;
    }
    return gate.wait(draining);
}

}  // namespace rowmill::engine
