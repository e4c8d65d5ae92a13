#include "run/monitor.hpp"

namespace rowmill::run {
namespace {

constexpr std::chrono::milliseconds snapshot_interval{1000};

}  // namespace

Monitor::Monitor(Mill& mill, engine::Work& work, progress::Hub& hub, const store::RunTotals& at_start)
    : mill_{mill}, work_{work}, hub_{hub}, before_{at_start.tally},
      link_{mill.preparation.store, true, mill.patience, mill.open} {}

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
    const auto renew_every = mill_.request.job.run.lease / 3;
    engine::TimePoint renewed = work_.clock.now();
    while (work_.clock.wait_until(work_.clock.now() + snapshot_interval, stop)) {
        try {
            store::Store store{link_.session(), mill_.request.job.store_schema};
            if (work_.clock.now() - renewed >= renew_every) {
                if (!store.renew_lease(mill_.worker, mill_.request.job.run.lease)) {
                    work_.fail(Error{ErrorKind::fenced, "this worker was declared dead (its lease ran out); run it again "
                                                        "to resume"});
                }
                renewed = work_.clock.now();
            }
            hub_.progress(take(store));
        } catch (const Error&) {
            // The lanes wait for the server, and say so; here the next second will do.
            link_.drop();
            progress::Snapshot away;
            away.run = mill_.run.id;
            away.job = mill_.run.job;
            away.state = "running";
            away.waiting_for = work_.waits.present();
            const engine::Tally here = work_.counters.tally();
            away.settled = before_.settled() + here.settled();
            hub_.progress(away);
        }
    }
}

progress::Snapshot Monitor::take(store::Store& store) {
    const auto run = store.find_run(mill_.run.id);
    progress::Snapshot now = snapshot_of(store, run ? *run : mill_.run);
    engine::Tally tally = before_;
    tally += work_.counters.tally();
    now.settled = tally.settled();
    now.succeeded = tally.succeeded;
    now.skipped = tally.skipped;
    now.failed = tally.failed;
    now.retried = work_.counters.retried.sum();
    now.in_flight = work_.dispatcher.in_flight();
    now.waiting_retry += work_.dispatcher.waiting();
    now.batch = work_.counters.batch_size;
    now.waiting_for = work_.waits.present();
    now.waited_seconds = work_.waits.seconds();
    const double reconnecting = now.waited_seconds.contains("reconnect") ? now.waited_seconds.at("reconnect") : 0;
    rate_.add(work_.clock.now(), now.settled, reconnecting / mill_.request.job.run.workers);
    now.rate = rate_.rate();
    if (now.percent && *now.percent > 0 && *now.percent < 100 && now.settled > 0) {
        // With a filter the items to come are not known; their share of the range is.
        const double remaining = static_cast<double>(now.settled) * (100 - *now.percent) / *now.percent;
        now.eta_seconds = rate_.eta_seconds(static_cast<std::uint64_t>(remaining));
    }
    return now;
}

}  // namespace rowmill::run
