#include "run/closing.hpp"

#include "engine/failpoint.hpp"
#include "progress/program_name.hpp"
#include "progress/render.hpp"
#include "run/sampler.hpp"
#include "run/snapshot.hpp"

namespace rowmill::run {
namespace {

constexpr const char* run_again = "run it again to resume";

/// What was settled in the run by all of its workers.
struct Done {
    engine::Tally ever;
    engine::Tally since_start;  ///< dead letters of an earlier start have been looked at, or the run would not go on
};

constexpr const char* culprit = "in process ";

int code_of(const engine::Tally& ever) { return ever.failed > 0 ? ExitCode::dead_letters : ExitCode::succeeded; }

Ending ending_of_error(const Error& error, const engine::Work& work) {
    const int code = exit_code_of(error, false);
    if (code == ExitCode::unreachable) return {"interrupted", error.what(), error.what(), run_again, code};
    if (error.kind() == ErrorKind::fenced)
        return {"interrupted", error.what(), error.what(), "run it again to take part", ExitCode::stopped};
    // Refused before a row was handled: the user's to mend, like all that is found before the run begins.
    const bool is_refused = code == ExitCode::usage && work.counters.tally().settled() == 0;
    return {"failed", error.what(), error.what(), "", is_refused ? code : ExitCode::failed};
}

/// By what happened in this process.
Ending ending_here(const engine::Work& work, bool all_done, const Done& done, bool is_retry) {
    if (const auto error = work.error()) return ending_of_error(*error, work);
    if (!all_done && is_retry && work.stopping.why().empty()) {
        return {"interrupted", "", "what was to be tried again is done", "the run has other rows left: run its job again to go on",
                code_of(done.ever)};
    }
    if (!all_done) {
        const std::string why = work.stopping.why();
        return {"interrupted", "", why.empty() ? "stopped" : why, run_again, ExitCode::stopped};
    }
    // What is tried again has failed before: of a few such items a share says nothing.
    if (work.settings.max_failures.exceeded(done.since_start, !is_retry)) {
        const std::string why = "too many items failed: " + std::to_string(done.since_start.failed) + " of " +
                                std::to_string(done.since_start.settled()) + " (max_failures)";
        return {"failed", why, why, "", ExitCode::failed};
    }
    return {"succeeded", "", "every sack is done", "", code_of(done.ever)};
}

Ending cancelled() { return {"cancelled", "", was_cancelled, "", ExitCode::cancelled}; }

/// What others have made of the run counts for this process too.
void follow(Ending& ending, const store::RunRecord& run, const Done& done, bool is_fenced) {
    if (run.state == ending.state) return;
    if (run.state == "cancelled") {
        ending = cancelled();
    } else if (is_fenced || ending.state == "failed") {
        ending.state = run.state;
    } else if (run.state == "failed") {
        ending = {"failed", run.last_error, why_it_failed(run.last_error), "", ExitCode::failed};
    } else if (run.state == "succeeded") {
        ending = {"succeeded", "", "every sack is done", "", code_of(done.ever)};
    } else if (run.state == "paused") {
        ending.state = "paused";
        ending.next = "`" + progress::program_name() + " resume " + std::to_string(run.id) + "` goes on with it";
    } else if (run.state == "running") {
        ending.state = "running";
        ending.next = "the run's other workers go on with it";
    } else if (run.state == "interrupted" && ending.state == "succeeded") {
        ending = {"interrupted", "", "there are dead letters to try again by now", run_again, ExitCode::stopped};
    }
}

progress::Summary summary_of(const Ending& ending, progress::Snapshot last, const engine::Work& work,
                             std::chrono::duration<double> elapsed) {
    const auto seconds = [](const engine::ShardedCounter& counter) { return static_cast<double>(counter.sum()) / 1e6; };
    const engine::Counters& counters = work.counters;
    progress::Summary summary;
    summary.last = std::move(last);
    summary.last.state = ending.state;
    summary.last.last_error = ending.last_error;
    summary.elapsed_seconds = elapsed.count();
    summary.settled_here = counters.tally().settled();
    summary.spent = {seconds(counters.read_us), seconds(counters.work_us), seconds(counters.commit_us),
                     seconds(counters.waiting_us)};
    summary.why_stopped = ending.sentence();
    summary.exit_code = ending.exit_code;
    return summary;
}

/// For those who look at the run later. In one attempt: a server that is gone by now is not waited for once more.
void leave_record(Link& link, const Mill& mill, RunLog& log, const progress::Summary& summary) {
    log.note(conceal(mill.request, progress::to_summary_line(summary)));
    try {
        store::Store store{link.session(), mill.request.job.store_schema};
        store.add_last_sample(mill.run.id, sample_of(summary.last));
        log.write(store, mill.run.id);
    } catch (const Error&) {
        link.drop();
    }
}

/// A process that goes on, and whose links have given up, would seem to hold the run until its lease ends: one attempt more.
void let_go(const Mill& mill, const Ending& ending) {
    try {
        const auto session = mill.preparation.store.connect();
        mill.greet(*session);
        store::Store{*session, mill.request.job.store_schema}.end_work(mill.run.id, mill.worker, ending.state, ending.last_error);
    } catch (const Error&) {
        // Then the lease tells.
    }
}

}  // namespace

bool fails_the_run(const Error& error) {
    return error.kind() != ErrorKind::fenced && exit_code_of(error, false) != ExitCode::unreachable;
}

std::string with_culprit(store::Store& store, const Mill& mill, const std::string& reason) {
    if (store.workers(mill.run.id).size() < 2) return reason;
    const store::WorkerIdentity self = store::this_process();
    return culprit + std::to_string(self.pid) + " on " + self.host + ": " + reason;
}

std::string why_it_failed(const std::string& last_error) {
    return std::string{"the run failed"} + (last_error.starts_with(culprit) ? " " : ": ") + last_error;
}

Closed close_run(Mill& mill, const engine::Work& work, Monitor& monitor, RunLog& log, bool all_done,
                 const engine::Tally& before_start, std::chrono::duration<double> elapsed) {
    Closed closed;
    progress::Snapshot last = monitor.last();
    Done done{before_start, work.counters.tally()};
    done.ever += done.since_start;
    closed.ending = ending_here(work, all_done, done, mill.waiting_only);
    const std::string& schema = mill.request.job.store_schema;
    Link link = mill.link_to_store(Link::Until::dropping);
    link.adopt(std::move(mill.idle_with_store));
    bool is_closed = false;
    try {
        engine::failpoint("before-close");
        link.repeat([&](db::Session& session) {
            store::Store store{session, schema};
            done.ever = store.totals(mill.run.id).tally;
            done.since_start = done.ever - before_start;
            Ending ending = ending_here(work, all_done, done, mill.waiting_only);
            if (ending.state == "failed") ending.last_error = with_culprit(store, mill, ending.last_error);
            const auto run = store.end_work(mill.run.id, mill.worker, ending.state, ending.last_error);
            const auto error = work.error();
            follow(ending, run, done, error && error->kind() == ErrorKind::fenced);
            closed.ending = ending;
        });
        is_closed = true;
        link.repeat([&](db::Session& session) {
            store::Store store{session, schema};
            store.add_worked_seconds(mill.run.id, elapsed.count());
            last = monitor.take(store);
        });
        closed.summary = summary_of(closed.ending, last, work, elapsed);
        leave_record(link, mill, log, closed.summary);
        closed.is_recorded = true;
        return closed;
    } catch (const Error& error) {
        // Dropped: no session is made any more, and none is needed.
        if (mill.is_cancelled) closed.ending = cancelled();
        if (closed.ending.state == "succeeded" && !is_closed)
            closed.ending = {"interrupted", error.what(), "all rows are done, but the run could not be closed: " + std::string{error.what()},
                             "run it again to close it", ExitCode::unreachable};
        if (!is_closed && mill.request.leave_behind) let_go(mill, closed.ending);
    }
    closed.summary = summary_of(closed.ending, last, work, elapsed);
    return closed;
}

void leave_last_words(const Mill& mill, RunLog& log) {
    if (log.is_empty()) return;
    try {
        Link link = mill.link_to_store(Link::Until::dropping);
        store::Store store{link.session(), mill.request.job.store_schema};
        log.write(store, mill.run.id);
    } catch (const Error&) {
        // They were told to whoever listens here.
    }
}

}  // namespace rowmill::run
