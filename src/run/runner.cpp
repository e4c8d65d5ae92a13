#include "run/runner.hpp"

#include "engine/engine.hpp"
#include "engine/failpoint.hpp"
#include "run/assignments.hpp"
#include "run/lease.hpp"
#include "run/monitor.hpp"
#include "run/opening.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace rowmill::run {
namespace {

/// `none` is bound by how fast pages come: large ones, and one call for each.
constexpr std::uint64_t reading_page = 10000;
/// Beyond this an IN list makes the optimizer scan.
constexpr std::uint64_t most_batch = 10000;

engine::Settings settings_of(const Request& request, store::RunId run) {
    const job::RunSpec& spec = request.job.run;
    engine::Settings settings;
    settings.run = run;
    settings.readers = spec.workers;
    settings.concurrency = 0;
    settings.checkpoint_interval = spec.checkpoint_interval;
    settings.checkpoint_items = std::max<std::uint64_t>(spec.checkpoint_items, 1);
    if (request.job.action.kind == "none") {
        // Nothing is done twice where nothing is done.
        if (!spec.checkpoint_items_given) settings.checkpoint_items = std::numeric_limits<std::uint64_t>::max();
        settings.page_items = settings.call_items = spec.batch_given ? spec.batch : reading_page;
        settings.max_gap = 4 * settings.page_items;
    }
    settings.batch_size = {.start = spec.batch,
                           .least = std::min<std::uint64_t>(spec.batch, 10),
                           .most = std::max(spec.batch, most_batch),
                           .target = spec.target_time};
    settings.attempts = {.max_attempts = spec.max_attempts,
                         .backoff = {spec.backoff_first, spec.backoff_cap},
                         .reconnect_for = spec.reconnect_for,
                         .record_inside = true,
                         .random = [] {
                             thread_local std::mt19937_64 generator{std::random_device{}()};
                             return generator();
                         }};
    settings.max_failures = {spec.max_failures.number, spec.max_failures.share, spec.max_failures.min_tried};
    settings.rate = spec.rate;
    settings.limit = request.limit;
    return settings;
}

struct Ending {
    std::string state, last_error, why;
    int exit_code = ExitCode::succeeded;
};

Ending ending_of(const engine::Work& work, bool all_done, const engine::Tally& tally) {
    if (const auto error = work.error()) {
        const int code = exit_code_of(*error, false);
        if (code == ExitCode::unreachable)
            return {"interrupted", error->what(), std::string{error->what()} + "; run it again to resume", code};
        if (error->kind() == ErrorKind::fenced)
            return {"interrupted", error->what(), std::string{error->what()} + "; run it again to take part", ExitCode::stopped};
        // Refused before a row was handled: the user's to mend, like all that is found before the run begins.
        const bool is_refused = code == ExitCode::usage && work.counters.tally().settled() == 0;
        return {"failed", error->what(), error->what(), is_refused ? code : ExitCode::failed};
    }
    if (!all_done) {
        const std::string why = work.stopping.why();
        return {"interrupted", "", (why.empty() ? "stopped" : why) + "; run it again to resume", ExitCode::stopped};
    }
    // Counted from this start: dead letters of an earlier one have been looked at, or the run would not go on.
    const engine::Tally here = work.counters.tally();
    if (work.settings.max_failures.exceeded(here, true)) {
        const std::string why = "too many items failed: " + std::to_string(here.failed) + " of " +
                                std::to_string(here.settled()) + " (max_failures)";
        return {"failed", why, why, ExitCode::failed};
    }
    return {"succeeded", "", "every sack is done", tally.failed > 0 ? ExitCode::dead_letters : ExitCode::succeeded};
}

progress::Summary summary_of(progress::Snapshot last, const engine::Work& work, const Ending& ending,
                             std::chrono::duration<double> elapsed) {
    const auto seconds = [](const engine::ShardedCounter& counter) { return static_cast<double>(counter.sum()) / 1e6; };
    const engine::Counters& counters = work.counters;
    progress::Summary summary;
    last.state = ending.state;
    last.last_error = ending.last_error;
    summary.last = std::move(last);
    summary.elapsed_seconds = elapsed.count();
    summary.settled_here = counters.tally().settled();
    summary.spent = {seconds(counters.read_us), seconds(counters.work_us), seconds(counters.commit_us),
                     seconds(counters.waiting_us)};
    summary.why_stopped = ending.why;
    summary.exit_code = ending.exit_code;
    return summary;
}

/// Closes a run in the store and takes the last snapshot. A run that can't be closed shows as interrupted by itself;
/// where all was done, that is what `ending` says then.
progress::Snapshot close_run(Mill& mill, Monitor& monitor, Ending& ending, std::chrono::duration<double> elapsed) {
    progress::Snapshot last;
    last.run = mill.run.id;
    last.job = mill.run.job;
    const std::string& schema = mill.request.job.store_schema;
    Link link = mill.link_to_store(Link::Until::dropping);
    bool is_closed = false;
    try {
        engine::failpoint("before-close");
        link.repeat([&](db::Session& session) {
            store::Store store{session, schema};
            // A worker that was declared dead has no say any more: others may be at work.
            if (store.renew_lease(mill.worker, mill.request.job.run.lease))
                store.set_state(mill.run.id, ending.state, ending.last_error);
            store.leave(mill.worker);
        });
        is_closed = true;
        link.repeat([&](db::Session& session) {
            store::Store store{session, schema};
            store.add_worked_seconds(mill.run.id, elapsed.count());
            last = monitor.take(store);
        });
    } catch (const Error& error) {
        const std::string why = "all rows are done, but the run could not be closed: " + std::string{error.what()};
        if (ending.state == "succeeded" && !is_closed)
            ending = {"interrupted", error.what(), why + "; run it again to close it", ExitCode::unreachable};
    }
    return last;
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
        if (!settled.complete) hub.note(settled.why_not);
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

int work_through(Mill& mill, Opened& opened, progress::Hub& hub, engine::Stopping& stopping) {
    const store::RunTotals& at_start = opened.totals;
    const auto began = std::chrono::steady_clock::now();
    engine::SteadyClock clock;
    engine::Counters counters;
    std::optional<engine::Work> work;
    const engine::ThreadScope scope = [] { return std::make_shared<db::ThreadScope>(); };
    engine::Pool pool{mill.request.job.run.workers, scope, [&](const Error& error) { work->fail(error); }};
    work.emplace(settings_of(mill.request, mill.run.id), pool, mill.patience.clock, stopping, counters,
                 mill.patience.waits);
    const std::stop_callback on_drop{stopping.dropping(), [&] { mill.open.interrupt_all(); }};

    Monitor monitor{mill, *work, hub, at_start};
    bool all_done = false;
    {
        SackAssignments assignments{mill, [&](const Error& error) { work->fail(error); }};
        assignments.start();
        monitor.start();
        const LeaseKeeper lease{mill, [&](const Error& error) { work->fail(error); }};
        try {
            settle(mill, opened, hub);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::stopped) work->fail(conceal(mill.request, error));
        }
        if (!stopping.is_draining()) engine::run_lanes(assignments, *work, scope);
        if (!stopping.is_dropping()) {
            try {
                all_done = assignments.all_done();
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::stopped) work->fail(error);
            }
        }
    }
    monitor.stop();
    engine::Tally tally = at_start.tally;
    tally += counters.tally();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    Ending ending = ending_of(*work, all_done, tally);
    const progress::Snapshot last = close_run(mill, monitor, ending, elapsed);
    hub.finished(summary_of(last, *work, ending, elapsed));
    return ending.exit_code;
}

}  // namespace

int execute(const Request& request, progress::Hub& hub, engine::Stopping& stopping) {
    engine::SteadyClock clock;
    engine::Waits waits{clock};
    OpenSessions open;
    Patience patience{.clock = clock,
                      .stopping = stopping,
                      .waits = waits,
                      .backoff = {request.job.run.backoff_first, request.job.run.backoff_cap},
                      .reconnect_for = request.job.run.reconnect_for,
                      .note = [&](const std::string& line) { hub.note(line); },
                      .conceal = [&](const Error& error) { return conceal(request, error); }};
    std::optional<Opened> opened = open_run(request, hub, stopping);
    if (!opened->run) return opened->exit_code;
    Mill mill{.request = request,
              .preparation = opened->preparation,
              .run = *opened->run,
              .worker = opened->worker,
              .plan = plan_action(request, opened->preparation, opened->run->id, opened->run->started_at),
              .selection = opened->preparation.selection,
              .exactly_once = opened->preparation.target_is_store && !request.job.action.at_least_once,
              .patience = patience,
              .open = open};
    if (mill.plan && mill.plan->stretches_only()) {
        auto stretches = std::make_shared<table::Selection>(*mill.selection);
        stretches->stretches_only = true;
        mill.selection = stretches;
    }
    return work_through(mill, *opened, hub, stopping);
}

}  // namespace rowmill::run
