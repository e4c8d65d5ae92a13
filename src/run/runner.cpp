#include "run/runner.hpp"

#include "engine/engine.hpp"
#include "engine/failpoint.hpp"
#include "run/assignments.hpp"
#include "run/canary.hpp"
#include "run/closing.hpp"
#include "run/control.hpp"
#include "run/hooks.hpp"
#include "run/lease.hpp"
#include "run/monitor.hpp"
#include "run/opening.hpp"
#include "run/outside_work.hpp"
#include "run/run_log.hpp"
#include "run/run_time.hpp"
#include "run/sampler.hpp"
#include "run/snapshot.hpp"
#include "run/throttling.hpp"

#include <algorithm>

#include <sched.h>

namespace rowmill::run {
namespace {

/// Beyond this an IN list makes the optimizer scan.
constexpr std::uint64_t most_batch = 10000;

engine::Settings settings_of(const Mill& mill, progress::Hub& hub) {
    const Request& request = mill.request;
    const job::RunSpec& spec = request.job.run;
    engine::Settings settings;
    settings.run = mill.run.id;
    // One more for what waits to be tried again.
    settings.readers = spec.workers + (mill.may_have_retries ? 1 : 0);
    settings.transacted = mill.action == nullptr;
    settings.concurrency = spec.concurrency_given ? std::min(spec.concurrency, spec.workers) : spec.workers;
    if (mill.action) set_outside(settings, request);
    if (spec.adaptive_concurrency && settings.concurrency > 0)
        settings.adaptive = {.least = spec.min_concurrency, .most = settings.concurrency};
    settings.batch_size = {.start = spec.batch,
                           .least = std::min<std::uint64_t>(spec.batch, 10),
                           .most = std::max(spec.batch, most_batch),
                           .target = spec.target_time};
    settings.attempts = {.max_attempts = spec.max_attempts,
                         .backoff = {spec.backoff_first, spec.backoff_cap},
                         .reconnect_for = spec.reconnect_for,
                         .record_inside = true,
                         .random = {}};
    settings.max_failures = {spec.max_failures.number, spec.max_failures.share, spec.max_failures.min_tried};
    settings.rate = spec.rate;
    settings.nice = request.job.throttle.nice;
    settings.limit = request.limit;
    settings.tell = item_log(request, hub);
    return settings;
}

/// Waits until no id below the bound can appear any more. While it does, sacks are planned.
void settle(Mill& mill, Opened& opened, progress::Hub& hub) {
    if (!opened.settling) return;
    const engine::Waits::Scope waiting{mill.patience.waits, "settle", "transactions that were open when the bound was read"};
    std::string told;
    const auto finish = [&](table::Settling& settling) {
        const auto settled = settling.finish(mill.patience.stopping.draining(), [&](const std::string& why) {
            if (why != told) hub.note(why);
            told = why;
        });
        if (!settled.complete) hub.warning(settled.why_not);
    };
    try {
        finish(*opened.settling);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::stopped) throw;
        // Most likely the connection: look anew, at what is open now.
        Link link{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
                  [&mill](db::Session& session) { mill.greet_table(session); }};
        link.repeat([&](db::Session& session) {
            table::Settling again{session, mill.request.job.source.settle};
            finish(again);
        });
    }
    opened.settling.reset();
    opened.reading.reset();
}

/// Handlers that have outlived their time and go on all the same can't be ended, nor waited for: everything is recorded, so that
/// the process may end under them, or go on beside them.
void leave_without_overdue(Mill& mill, engine::Work& work, progress::Hub& hub, int exit_code) {
    const std::uint64_t left = work.dispatcher.overdue();
    if (left == 0) return;
    hub.warning(std::to_string(left) + " handler call(s) did not return although their time was up: leaving without them");
    mill.leave_behind(exit_code);
    work.dispatcher.wait_until_returned();
    mill.action.reset();
}

/// An error before the first row: a process that goes on would seem to hold the run until its lease ends.
void give_up(const Opened& opened, const std::string& schema) {
    try {
        const auto session = opened.preparation.store.connect();
        store::Store{*session, schema}.end_work(opened.run->id, opened.worker, "interrupted", opened.run->last_error);
    } catch (const Error&) {
        // Then the lease tells.
    }
}

Throttling throttling_of(const Mill& mill, engine::Work& work, Monitor& monitor, progress::Hub& hub, Hooks& hooks) {
    const job::Job& job = mill.request.job;
    return {job.throttle, mill.preparation.target, job.run.reconnect_for, work.gate, mill.patience.clock,
            {.looked =
                 [&](double strain, std::optional<double> lag_seconds) {
                     work.set_strain(strain);
                     monitor.set_lag(lag_seconds);
                 },
             .began = [&](const std::string& reason) { hooks.tell("throttled", reason, monitor.last()); },
             .note = [&](const std::string& line) { hub.note(conceal(mill.request, line)); },
             .critical = [&](const std::string& why) { work.stopping.drain(why); },
             .failed = [&](const Error& error) { work.fail(error); }}};
}

Reactions reactions_of(const Mill& mill, const Monitor& monitor, RunLog& log, Hooks& hooks, Throttling& throttling) {
    return {.tell = [&](const std::string& event, const std::string& reason) { hooks.tell(event, reason, monitor.last()); },
            .change_throttles = [&](const job::ThrottleSpec& spec) { throttling.change(spec); },
            .lag_seconds = [&] { return monitor.lag(); },
            .keep =
                [&, sampler = Sampler{}](store::Store& store) mutable {
                    log.write(store, mill.run.id);
                    sampler.keep(store, monitor.last(), mill.patience.clock.now());
                }};
}

/// Rows of the run that are to be worked on first, over the whole range; 0: none.
std::uint64_t canary_of(const Mill& mill) { return mill.waiting_only ? 0 : decode_settings(mill.run.settings).canary; }

void work_lanes(Mill& mill, SackAssignments& assignments, engine::Work& work, const engine::ThreadScope& scope, progress::Hub& hub) {
    const std::uint64_t rows = canary_of(mill);
    if (rows == 0) return engine::run_lanes(assignments, work, scope);
    Canary canary{mill, assignments, work, hub, rows};
    canary.start();
    engine::run_lanes(canary, work, scope);
}

/// What the threads that work hold. Where they send statements, several in a packet, the scheduler is told that they are a batch (see
/// sched(7)): the server answers each statement by itself, and where it shares the machine an answer that is not the last would wake
/// them over the server's own work, for nothing.
engine::ThreadScope scope_of(const Mill& mill) {
    return [sends_packets = mill.plan != nullptr] {
        if (sends_packets && ::sched_getscheduler(0) == SCHED_OTHER) {
            const sched_param unused{};
            ::sched_setscheduler(0, SCHED_BATCH, &unused);  // where it is not allowed, the work is only slower
        }
        return std::make_shared<db::ThreadScope>();
    };
}

int work_through(Mill& mill, Opened& opened, progress::Hub& hub, RunLog& log, engine::Stopping& stopping, Hooks& hooks) {
    const store::RunTotals& at_start = opened.totals;
    const auto began = std::chrono::steady_clock::now();
    engine::SteadyClock clock;
    engine::Counters counters;
    std::optional<engine::Work> work;
    const engine::ThreadScope scope = scope_of(mill);
    engine::Pool pool{pool_threads(mill.request, mill.action.get()), scope, [&](const Error& error) { work->fail(error); }};
    engine::Settings settings = settings_of(mill, hub);
    settings.make_room = [&](std::uint64_t items) { return make_room(mill.request, mill.action.get(), pool, items); };
    work.emplace(settings, pool, mill.patience.clock, stopping, counters, mill.patience.waits);
    const RunTime run_time{mill.request.run_time, mill.request.until, stopping};
    const std::stop_callback on_drop{stopping.dropping(), [&] { mill.open.interrupt_all(); }};

    mill.gate = &work->gate;
    Monitor monitor{mill, *work, hub, at_start, opened.before_start};
    bool all_done = false;
    {
        SackAssignments assignments{mill, [&](const Error& error) { work->fail(error); }};
        assignments.start(canary_of(mill) > 0);
        monitor.start();
        const LeaseKeeper lease{mill, [&](const Error& error) { work->fail(error); }};
        if (const auto veto = hooks.started(monitor.last(), stopping.draining())) stopping.drain(conceal(mill.request, *veto));
        Throttling throttling = throttling_of(mill, *work, monitor, hub, hooks);
        const Control control{mill, *work, hub, reactions_of(mill, monitor, log, hooks, throttling)};
        try {
            settle(mill, opened, hub);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::stopped) work->fail(conceal(mill.request, error));
        }
        if (!stopping.is_draining()) work_lanes(mill, assignments, *work, scope, hub);
        if (!stopping.is_dropping()) {
            try {
                assignments.give_back_unbegun();
                all_done = assignments.all_done();
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::stopped) work->fail(error);
            }
        }
    }
    monitor.stop();
    // One with calls that did not come back stays with them.
    if (work->dispatcher.overdue() == 0) mill.action.reset();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    const Closed closed = close_run(mill, *work, monitor, log, all_done, opened.before_start, elapsed);
    const Ending& ending = closed.ending;
    const progress::Summary& summary = closed.summary;
    hub.finished(summary);
    const bool has_failed = ending.state == "failed" || ending.exit_code == ExitCode::unreachable;
    hooks.tell(has_failed ? "failed" : "finished", summary.why_stopped, summary.last, ending.exit_code);
    hooks.close();
    if (closed.is_recorded) leave_last_words(mill, log);
    leave_without_overdue(mill, *work, hub, ending.exit_code);
    return ending.exit_code;
}

/// The first line that this process has for the run's log.
std::string at_work(const Request& request) {
    const job::RunSpec& spec = request.job.run;
    const std::string workers = "at work with " + std::to_string(spec.workers) + (spec.workers == 1 ? " worker" : " workers");
    if (request.job.action.kind == "sql") return workers;
    return workers + ", at most " + std::to_string(spec.concurrency) + " items at once";
}

/// What was changed while the run was on stays with it, but for what the command line says.
void take_live_settings(Request& request, const std::string& stored, progress::Hub& hub) {
    job::Overrides settings;
    for (const auto& [key, value] : decode_live_settings(stored))
        if (!request.given_settings.contains(key)) settings.emplace_back(key, value);
    if (settings.empty()) return;
    try {
        job::change_settings(request.job, settings);
        hub.note("as set while the run was on: " + display(settings));
    } catch (const Error& error) {
        hub.note("what was set while the run was on (" + display(settings) + ") is left out: " + error.what());
    }
}

/// From a run of ours to its end.
int work_opened(Request& request, Opened& opened, Patience& patience, OpenSessions& open, progress::Hub& hub, RunLog& log, Hooks& hooks) {
    take_live_settings(request, opened.run->live_settings, hub);
    Mill mill{.request = request,
              .preparation = opened.preparation,
              .run = *opened.run,
              .worker = opened.worker,
              .plan = plan_action(request, opened.preparation, opened.run->id, opened.run->started_at),
              .action = {},
              .selection = opened.preparation.selection,
              .exactly_once = opened.preparation.target_is_store && !request.job.action.at_least_once,
              .waiting_claims = std::make_shared<WaitingClaims>(),
              .may_have_retries = request.job.action.kind != "none" && (request.job.action.kind != "sql" || opened.totals.waiting > 0),
              .waiting_only = request.retry.has_value(),
              .patience = patience,
              .open = open,
              .idle_with_store = std::move(opened.stored),
              .known_definition = opened.preparation.definition};
    mill.action = outside_action(request, opened.preparation, *opened.run, hub);
    if (mill.plan) {
        auto selection = std::make_shared<table::Selection>(*mill.selection);
        selection->stretches_only = mill.plan->stretches_only();
        // A limit and a rate are of rows that are there.
        selection->may_reckon = mill.plan->counts_what_is_there() && !request.limit && request.job.run.rate == 0;
        mill.selection = selection;
    }
    log.note(at_work(request));
    if (request.begun) request.begun(mill.run.id);
    return work_through(mill, opened, hub, log, patience.stopping, hooks);
}

}  // namespace

int execute(const Request& given, progress::Hub& hub, engine::Stopping& stopping) {
    Request request = given;
    engine::SteadyClock clock;
    engine::Waits waits{clock};
    OpenSessions open;
    Patience patience{.clock = clock,
                      .stopping = stopping,
                      .waits = waits,
                      .backoff = {request.job.run.backoff_first, request.job.run.backoff_cap},
                      .reconnect_for = request.job.run.reconnect_for,
                      .note = [&](const std::string& line) { hub.warning(conceal(request, line)); },
                      .conceal = [&](const Error& error) { return conceal(request, error); }};
    Hooks hooks{request.job.hooks, request.job.file, patience.note, stopping.dropping()};
    const auto log = std::make_shared<RunLog>();
    hub.add(log);
    std::optional<Opened> opened = open_run(request, hub, stopping);
    if (!opened->run) return opened->exit_code;
    try {
        return work_opened(request, *opened, patience, open, hub, *log, hooks);
    } catch (...) {
        give_up(*opened, request.job.store_schema);
        throw;
    }
}

}  // namespace rowmill::run
