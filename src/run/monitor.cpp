#include "run/monitor.hpp"

#include "run/stall.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rowmill::run {
namespace {

constexpr std::chrono::milliseconds tick{250};
/// Every so many ticks the store is asked; between them the counters alone move.
constexpr unsigned ticks_per_look = 4;
/// Waits in which no worker goes on: their time says nothing of how fast the run is.
constexpr std::array<std::string_view, 8> idle_waits{"reconnect", "paused", "lag",    "load",
                                                     "query",     "flag_file", "window", "http"};

}  // namespace

std::string why_it_waits(const engine::Work& work) {
    std::string why = work.waits.present();
    const std::uint64_t overdue = work.dispatcher.overdue();
    if (why.empty() && overdue > 0 && overdue >= work.settings.concurrency)
        why = std::to_string(overdue) + " handler call(s) to return whose time is up: they hold every slot";
    return why;
}

Monitor::Monitor(Mill& mill, engine::Work& work, progress::Hub& hub, const store::RunTotals& at_start,
                 const engine::Tally& before_start)
    : mill_{mill}, work_{work}, hub_{hub}, before_{at_start.tally}, before_start_{before_start}, is_joint_{mill.request.join},
      link_{mill.link_to_store()} {
    last_.run = mill.run.id;
    last_.job = mill.run.job;
    last_.server = mill.run.server;
    last_.state = "running";
    last_.dead_letters = at_start.dead_letters;
    last_.settled = before_.settled();
    last_.succeeded = before_.succeeded;
    last_.skipped = before_.skipped;
    last_.failed = before_.failed;
}

Monitor::~Monitor() { stop(); }

void Monitor::start() {
    thread_ = std::jthread{[this](std::stop_token stop) {
        const db::ThreadScope scope;
        loop(stop);
    }};
}

void Monitor::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Monitor::loop(std::stop_token stop) {
    rate_.add(work_.clock.now(), before_.settled(), 0);
    progress::Snapshot now;
    for (unsigned ticks = 0; !stop.stop_requested(); ++ticks) {
        if (ticks % ticks_per_look == 0) now = look();
        update(now);
        {
            const std::lock_guard lock{mutex_};
            last_ = now;
        }
        hub_.progress(now);
        work_.clock.wait_until(work_.clock.now() + tick, stop);
    }
}

progress::Snapshot Monitor::look() {
    try {
        store::Store store{link_.session(), mill_.request.job.store_schema};
        seen_ = stored(store);
        stalled_ = stall();
        return seen_;
    } catch (const Error&) {
        // The lanes wait for the server, and say so; here the next look will do.
        link_.drop();
        return seen_;
    }
}

std::string Monitor::stall() {
    const std::uint64_t settled = work_.counters.tally().settled();
    const engine::TimePoint now = work_.clock.now();
    if (settled != settled_before_ || work_.dispatcher.in_flight() == 0) {
        settled_before_ = settled;
        moved_at_ = now;
    }
    if (now - moved_at_ < long_unanswered) return {};
    db::Session& session = link_.session();
    const auto longest = unanswered(waiting_sessions(session), mill_.open.connection_ids(session.server()));
    return longest ? display(*longest) : std::string{};
}

progress::Snapshot Monitor::last() const {
    const std::lock_guard lock{mutex_};
    return last_;
}

void Monitor::set_lag(std::optional<double> seconds) {
    const std::lock_guard lock{mutex_};
    lag_seconds_ = seconds;
}

std::optional<double> Monitor::lag() const {
    const std::lock_guard lock{mutex_};
    return lag_seconds_;
}

progress::Snapshot Monitor::stored(store::Store& store) {
    const auto run = store.find_run(mill_.run.id);
    progress::Snapshot now = snapshot_of(store, run ? *run : mill_.run, mill_.worker);
    const bool has_others = std::ranges::any_of(now.workers, [](const auto& worker) { return !worker.is_self; });
    is_joint_ = is_joint_ || has_others;
    if (is_joint_) work_.judge(engine::Tally{now.succeeded, now.skipped, now.failed} - before_start_);
    return now;
}

progress::Snapshot Monitor::take(store::Store& store) {
    progress::Snapshot now = seen_ = stored(store);
    update(now);
    // Now that all is recorded the store is believed: after a failover the counters may be ahead of it.
    now.settled = seen_.settled;
    now.succeeded = seen_.succeeded;
    now.skipped = seen_.skipped;
    now.failed = seen_.failed;
    now.total = seen_.total;
    return now;
}

void Monitor::update(progress::Snapshot& now) {
    // The store knows of all workers, and was asked a second ago; of this one the counters know. Neither is ever too much.
    engine::Tally tally = before_;
    tally += work_.counters.tally();
    const engine::Tally stored{seen_.succeeded, seen_.skipped, seen_.failed};
    if (stored.settled() > tally.settled()) tally = stored;
    if (shown_.settled() > tally.settled()) tally = shown_;
    shown_ = tally;
    now.run = mill_.run.id;
    now.job = mill_.run.job;
    if (now.state.empty()) now.state = "running";
    now.settled = tally.settled();
    now.succeeded = tally.succeeded;
    now.skipped = tally.skipped;
    now.failed = tally.failed;
    now.retried = seen_.retried + work_.counters.retried.sum();
    now.in_flight = seen_.in_flight + work_.dispatcher.in_flight();
    now.batch = work_.counters.batch_size;
    now.waiting_for = work_.waits.present();
    if (now.waiting_for.empty()) now.waiting_for = stalled_;
    const std::uint64_t overdue = work_.dispatcher.overdue();
    if (now.waiting_for.empty() && overdue > 0 && overdue >= work_.concurrency_limit())
        now.waiting_for = std::to_string(overdue) + " handler call(s) to return whose time is up: they hold every slot";
    now.waited_seconds = work_.waits.seconds();
    {
        const std::lock_guard lock{mutex_};
        if (lag_seconds_) now.lag_seconds = std::max(seen_.lag_seconds.value_or(0), *lag_seconds_);
    }
    if (now.total) now.total = std::max(*now.total, now.settled);
    // The store was asked a second ago; of a whole table the counters tell it better.
    if (now.total && now.percent && *now.percent < 100) {
        const double share = 100 * static_cast<double>(now.settled) / static_cast<double>(*now.total);
        now.percent = std::clamp(share, std::min(*now.percent, 99.9), 99.9);
    }
    double away = 0;
    for (const auto& [kind, seconds] : now.waited_seconds)
        if (std::ranges::find(idle_waits, kind) != idle_waits.end()) away += seconds;
    rate_.add(work_.clock.now(), now.settled, away);
    now.rate = rate_.rate();
    update_self(now);
    now.eta_seconds.reset();
    if (const auto left = items_left(now)) now.eta_seconds = rate_.eta_seconds(*left);
}

void Monitor::update_self(progress::Snapshot& now) {
    const engine::TimePoint time = work_.clock.now();
    own_rate_.add(time, work_.counters.tally().settled(), 0);
    latency_.add(time, work_.counters.calls.sum(), work_.counters.calls_us.sum());
    const auto self = std::ranges::find_if(now.workers, &progress::WorkerView::is_self);
    if (self == now.workers.end()) {  // not on the list yet, or not any more
        if (!now.latency_seconds) now.latency_seconds = latency_.seconds();
        return;
    }
    self->rate = own_rate_.rate();
    self->in_flight = work_.dispatcher.in_flight();
    self->concurrency = work_.concurrency_limit();
    self->waiting_for = why_it_waits(work_);
    self->latency_seconds = latency_.seconds();
    now.latency_seconds = mean_latency(now.workers);
}

}  // namespace rowmill::run
