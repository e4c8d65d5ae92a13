#include "run/control.hpp"

#include "progress/program_name.hpp"
#include "run/closing.hpp"
#include "run/report.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

constexpr engine::Duration interval{400};
/// What is in flight when the run is cancelled may end within this time; then it is dropped.
constexpr engine::Duration grace{1000};
/// Handlers that do not return although they are told to are not waited for any longer than this.
constexpr engine::Duration longest_drop{5000};

bool is_throttle(const std::string& key) {
    for (const job::OverridableKey& known : job::overridable_keys())
        if (known.key == key) return known.section == "throttle" && key != "nice";
    return false;
}

}  // namespace

Control::Control(Mill& mill, engine::Work& work, progress::Hub& hub, Reactions reactions)
    : mill_{mill},
      work_{work},
      hub_{hub},
      reactions_{std::move(reactions)},
      link_{mill.link_to_store()},
      known_{decode_live_settings(mill.run.live_settings)},
      job_{mill.request.job} {
    // Before the first look nothing is begun in a run that was paused when it was joined.
    if (mill.run.desired_state == "paused") work.gate.hold("paused", "paused");
    thread_ = std::jthread{[this](const std::stop_token& stop) {
        const db::ThreadScope scope;
        loop(stop);
        link_.drop();
    }};
}

Control::~Control() = default;

void Control::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        engine::TimePoint next = work_.clock.now() + interval;
        try {
            store::Store store{link_.session(), mill_.request.job.store_schema};
            look(store);
        } catch (const Error&) {
            link_.drop();
        }
        end_cancelled();
        if (cancelled_at_) next = std::min(next, *cancelled_at_ + grace);
        work_.clock.wait_until(std::max(next, work_.clock.now() + engine::Duration{50}), stop);
    }
}

void Control::look(store::Store& store) {
    const auto control = store.read_control(mill_.run.id);
    if (!control) return;
    if (control->state == "cancelled" && !cancelled_at_) {
        cancelled_at_ = work_.clock.now();
        mill_.is_cancelled = true;
        work_.stopping.drain(was_cancelled);
    }
    if (control->state == "failed") end_failed(store);
    change(*control);
    follow_pause(store, *control);
    tell_failure(store, control->state);
    report(store, control->seq);
    if (reactions_.keep) reactions_.keep(store);
}

void Control::report(store::Store& store, std::uint64_t control_seq) {
    Report report;
    report.control_seq = control_seq;
    report.settled = work_.counters.tally().settled();
    report.waited_seconds = work_.waits.seconds();
    const auto away = report.waited_seconds.find("reconnect");
    rate_.add(work_.clock.now(), report.settled, away == report.waited_seconds.end() ? 0 : away->second);
    report.rate = rate_.rate();
    latency_.add(work_.clock.now(), work_.counters.calls.sum(), work_.counters.calls_us.sum());
    report.latency_seconds = latency_.seconds();
    report.in_flight = work_.dispatcher.in_flight();
    report.retried = work_.counters.retried.sum();
    report.batch = work_.counters.batch_size;
    report.concurrency = work_.concurrency_limit();
    report.waiting_for = why_it_waits(work_);
    report.is_leaving = work_.stopping.is_draining();
    if (reactions_.lag_seconds) report.lag_seconds = reactions_.lag_seconds();
    store.report(mill_.worker, encode(report));
}

/// At once: the others are to know before what is in flight here has ended.
void Control::tell_failure(store::Store& store, const std::string& state) {
    const auto error = work_.error();
    if (error && fails_the_run(*error) && state != "failed")
        store.set_state(mill_.run.id, "failed", with_culprit(store, mill_, error->what()));
}

void Control::end_failed(store::Store& store) {
    if (work_.stopping.is_draining()) return;
    const auto run = store.find_run(mill_.run.id);
    if (run) work_.stopping.drain(why_it_failed(run->last_error));
}

void Control::follow_pause(store::Store& store, const store::ControlRecord& control) {
    const bool has_ended = control.state == "succeeded" || control.state == "failed" || control.state == "cancelled";
    const bool wanted = control.desired_state == "paused" && !has_ended;
    const std::string name = "run " + std::to_string(mill_.run.id);
    const std::string resume = "`" + progress::program_name() + " resume " + std::to_string(mill_.run.id) + "` goes on";
    if (wanted && !is_paused_) {
        work_.gate.hold("paused", "paused; " + resume);
        hub_.note(name + " is paused; " + resume);
        if (mill_.request.exit_on_pause) work_.stopping.drain("paused");
    }
    if (!wanted) work_.gate.let_go("paused");
    if (!wanted && is_paused_ && !has_ended) hub_.note(name + " goes on");
    const bool is_change = wanted != is_paused_;
    is_paused_ = wanted;
    if (control.state != control.desired_state) store.follow_desired_state(mill_.run.id);
    if (is_change && reactions_.tell && !has_ended)
        reactions_.tell(wanted ? "paused" : "resumed", wanted ? "asked to pause" : "asked to go on");
}

void Control::end_cancelled() {
    if (!cancelled_at_) return;
    const engine::TimePoint now = work_.clock.now();
    if (now - *cancelled_at_ >= grace) work_.stopping.drop(was_cancelled);
    if (now - *cancelled_at_ < grace + longest_drop || mill_.is_left_behind) return;
    hub_.note("the run was cancelled; leaving without what does not end");
    mill_.leave_behind(ExitCode::cancelled);
}

void Control::change(const store::ControlRecord& control) {
    const LiveSettings now = decode_live_settings(control.live_settings);
    const job::Overrides changed = changes(known_, now);
    known_ = now;
    if (changed.empty()) return;
    try {
        job::Job changed_job = job_;
        job::change_settings(changed_job, changed);
        apply(changed, changed_job);
        job_ = std::move(changed_job);
        hub_.note("settings changed: " + display(changed));
    } catch (const Error& error) {
        hub_.note("settings could not be changed to " + display(changed) + ": " + error.what());
    }
}

void Control::change_concurrency(const job::RunSpec& run) {
    if (run.adaptive_concurrency)
        work_.adapt_concurrency({.least = run.min_concurrency, .most = run.concurrency});
    else
        work_.set_concurrency(run.concurrency);
}

void Control::apply(const job::Overrides& changed, const job::Job& changed_job) {
    bool are_throttles_changed = false;
    for (const auto& [key, value] : changed) are_throttles_changed = are_throttles_changed || is_throttle(key);
    // First what may be refused, so that nothing is changed then.
    if (are_throttles_changed && reactions_.change_throttles) reactions_.change_throttles(changed_job.throttle);
    for (const auto& [key, value] : changed) {
        if (key == "concurrency") change_concurrency(changed_job.run);
        if (key == "rate") work_.set_rate(changed_job.run.rate);
        if (key == "batch") work_.set_batch(changed_job.run.batch);
        if (key == "target_time") work_.set_target_time(changed_job.run.target_time);
        if (key == "nice") work_.set_nice(changed_job.throttle.nice);
    }
}

}  // namespace rowmill::run
