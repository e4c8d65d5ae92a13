#include "run/opening.hpp"

#include "engine/failpoint.hpp"
#include "run/dead_workers.hpp"
#include "run/link.hpp"
#include "run/live_settings.hpp"
#include "run/since.hpp"
#include "run/snapshot.hpp"
#include "run/throttling.hpp"
#include "table/sacks.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

constexpr const char* with_changes = "--accept-changes goes on with the job as it is now, --restart --yes begins anew";

/// With the default of innodb_lock_wait_timeout a minute: twice the default lease.
constexpr unsigned most_lock_waits = 12;

constexpr int access_denied = 1044, duplicate_entry = 1062, command_denied = 1142;

std::string name_of_run(const store::RunRecord& run) { return "run " + std::to_string(run.id); }

/// Live workers hold a run; those known to be dead are declared so, and their sacks are free at once.
void refuse_if_alive(store::Store& store, const store::RunRecord& run) {
    for (const store::WorkerRecord& worker : store.workers(run.id)) {
        if (!is_alive(worker)) {
            bury(store, worker);
            continue;
        }
        throw Busy{name_of_run(run) + " of this job is being worked on by process " +
                   std::to_string(worker.identity.pid) + " on " + worker.identity.host +
                   " (its lease runs until " + worker.lease_expires_at + ")", "--join takes part in it"};
    }
}

/// `--restart`: forgets an unfinished run, after saying what that costs.
void restart(const Request& request, store::Store& store, const store::RunRecord& run, progress::Hub& hub) {
    const store::RunTotals totals = store.totals(run.id);
    const std::string done = name_of_run(run) + " has already settled " + std::to_string(totals.tally.settled()) + " rows";
    if (!request.yes)
        throw Error{ErrorKind::usage, done + ", and --restart would work on them again; say --restart --yes if that is meant"};
    hub.note(done + "; starting over");
    store.abandon_run(run.id);
}

void check_fingerprint(const Request& request, const Preparation& preparation, store::Store& store,
                       const store::RunRecord& run, progress::Hub& hub) {
    const auto changed = job::differences(job::decode_fingerprint(run.fingerprint), preparation.fingerprint);
    if (changed.empty()) return;
    std::string list;
    for (const std::string& difference : changed) list += (list.empty() ? "" : "; ") + difference;
    if (!request.accept_changes)
        throw JobChanged{name_of_run(run) + " is unfinished, and the job has changed since: " + list, with_changes};
    hub.note("going on although the job has changed: " + list);
    store.set_fingerprint(run.id, job::encode(preparation.fingerprint));
}

store::RunRecord create(const Request& request, const Preparation& preparation, const RunBounds& bounds,
                        store::Store& store, progress::Hub& hub, engine::Stopping& stopping) {
    const table::Selection& selection = *preparation.selection;
    if (stopping.is_draining()) throw Error{ErrorKind::stopped, "stopped before the run began: " + stopping.why()};
    const StoredSettings settings{.filtered = !selection.filter.empty(),
                                  .descending = selection.descending,
                                  .estimated_rows = selection.table.estimated_rows,
                                  .batch = request.job.run.batch,
                                  .before_start = {},
                                  .canary = request.canary.value_or(0),
                                  .has_succeeded = false,
                                  .live = job::live_settings(request.job),
                                  .bound_settles = bounds.settles};
    const Busy busy{"another process has just started a run of this job"};
    if (!bounds.may_begin) throw busy;
    try {
        const store::RunRecord run = store.create_run({.job = request.job.name,
                                 .identity = preparation.identity,
                                 .fingerprint = job::encode(preparation.fingerprint),
                                 .params = job::masked_params(request.job, request.params),
                                 .settings = encode(settings),
                                 .server = preparation.server,
                                 .bound_after = bounds.range.after,
                                 .bound_upto = bounds.range.upto,
                                 .bound_empty = bounds.range.empty,
                                 .definition = request.definition,
                                 .newest_succeeded = bounds.last_run});
        if (request.job.source.since_last_run) hub.note(describe(run.id, bounds));
        return run;
    } catch (const Error& error) {
        if (error.server_code != duplicate_entry) throw;
        throw busy;
    }
}

/// `--join`: the unfinished run of the same job and parameters, whoever works on it; never a new one.
std::optional<store::RunRecord> find_to_join(const Request& request, const Preparation& preparation, store::Store& store,
                                             progress::Hub& hub) {
    auto run = store.unfinished_run(preparation.identity);
    if (run)
        check_fingerprint(request, preparation, store, *run, hub);
    else
        hub.note("no run of this job with these parameters is unfinished: there is nothing to take part in");
    return run;
}

/// `resume RUN`: that very run, if it can go on.
void check_resumed(store::RunId wanted, const std::optional<store::RunRecord>& unfinished, store::Store& store) {
    if (unfinished && unfinished->id == wanted) return;
    const auto run = store.find_run(wanted);
    const std::string name = "run " + std::to_string(wanted);
    if (!run) throw Error{ErrorKind::usage, "there is no " + name + " in this store"};
    if (run->state == "succeeded" || run->state == "cancelled")
        throw Error{ErrorKind::refused, name + " has " + (run->state == "succeeded" ? "succeeded" : "been cancelled") +
                                            ": there is nothing to resume"};
    throw Error{ErrorKind::refused, name + " is of another job, or was begun with other parameters"};
}

struct Found {
    std::optional<store::RunRecord> run;
    bool is_new = false;
};

/// The unfinished run of the same job and parameters, or a new one.
Found find_or_create(const Request& request, const Preparation& preparation, const RunBounds& bounds, store::Store& store,
                     progress::Hub& hub, engine::Stopping& stopping) {
    if (request.join) return {find_to_join(request, preparation, store, hub)};
    auto run = store.unfinished_run(preparation.identity);
    if (request.resume) check_resumed(*request.resume, run, store);
    if (run) {
        refuse_if_alive(store, *run);
        if (!request.restart) {
            check_fingerprint(request, preparation, store, *run, hub);
            if (!request.definition.empty() && request.definition != run->definition)
                store.set_definition(run->id, request.definition);
            const store::RunTotals totals = store.totals(run->id);
            hub.note("resuming " + name_of_run(*run) + (run->desired_state == "paused" ? ", which was paused: " : ": ") +
                     std::to_string(totals.tally.settled()) + " rows were settled before" +
                     (request.from_beginning ? ", and it keeps its range; --from-beginning is for a new run" : ""));
            return {run};
        }
        restart(request, store, *run, hub);
    } else if (request.job.once) {
        if (const auto before = store.newest_succeeded(preparation.identity)) {
            hub.note(name_of_run(*before) + " of this job has succeeded with these parameters; once = true, so there is "
                                            "nothing to do");
            return {};
        }
    }
    return {create(request, preparation, bounds, store, hub, stopping), true};
}

/// Claims are READ COMMITTED, which a binary log of statements refuses.
void check_binlog(db::Session& session) {
    const db::ResultSet shown =
        session.query("SHOW VARIABLES WHERE (Variable_name = 'log_bin' AND Value = 'ON')"
                      " OR (Variable_name = 'binlog_format' AND Value = 'STATEMENT')");
    if (shown.rows.size() < 2) return;
    throw Error{ErrorKind::refused, "binlog_format is STATEMENT, under which the run store can't be kept safely; use ROW or "
                                    "MIXED (SET GLOBAL binlog_format = 'ROW')"};
}

void check_writable(const db::Session& session) {
    if (session.server().read_only)
        throw Error{ErrorKind::refused, "the server (" + session.server().display() +
                                            ") is read-only; rowmill needs the one that takes writes"};
}

/// What the server does not let us do with the store is for its owner to grant.
Error blame_store(const Request& request, const Error& error) {
    Error blamed = as_usage(error, "the run store " + db::quote_name(request.job.store_schema));
    const bool denied = error.server_code == access_denied || error.server_code == command_denied;
    if (!denied) return blamed;
    return Error{blamed.kind(), std::string{blamed.what()} + "; GRANT SELECT, INSERT, UPDATE, DELETE ON " +
                                    db::quote_name(request.job.store_schema) + ".* lets a run work"};
}

/// A session with the run store, which may be kept there.
std::unique_ptr<db::Session> open_store(const Preparation& preparation) {
    auto session = connect_first(preparation.store, false);
    check_writable(*session);
    check_binlog(*session);
    return session;
}

/// So that those who join know from where the run's failures count.
void note_start(const Request& request, store::Store& store, Opened& opened) {
    opened.before_start = opened.totals.tally;
    StoredSettings settings = decode_settings(opened.run->settings);
    settings.before_start = opened.before_start;
    settings.live = job::live_settings(request.job);
    if (request.canary) settings.canary = *request.canary;
    store.set_settings(opened.run->id, encode(settings));
}

/// A flag wins over what was set of the run before, and gives way to what is set from now on, be it the same again.
void forget_set_before(const Request& request, store::Store& store, store::RunRecord& run) {
    LiveSettings settings = decode_live_settings(run.live_settings);
    if (std::erase_if(settings, [&](const auto& setting) { return request.given_settings.contains(setting.first); }) == 0) return;
    run.live_settings = encode(settings);
    store.set_live_settings(run.id, run.live_settings);
}

/// For what locks the run's row, which other workers lock for a moment. Where one of them has fallen asleep with it, or is gone, its
/// transaction is to end with its lease: those who work may be too busy to see to that.
template <typename Take>
auto past_locks(store::Store& store, const Opened& opened, Take take) {
    for (unsigned waits = 1;; ++waits) {
        try {
            return take();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::replay || waits == most_lock_waits) throw;
            bury_dead_workers(store, opened.run->id, opened.worker);
        }
    }
}

/// Makes this process a worker of the run, the only one.
void begin_alone(const Request& request, store::Store& store, Opened& opened) {
    const store::RunId run = opened.run->id;
    const std::string name = name_of_run(*opened.run);
    opened.worker = store.register_worker(run, store::this_process(), request.job.run.lease, {});
    // Two processes may have found the same unfinished run: only the first to register works on it.
    for (const store::WorkerRecord& other : store.workers(run)) {
        if (other.id >= opened.worker || !is_alive(other)) continue;
        store.leave(opened.worker);
        throw Busy{"process " + std::to_string(other.identity.pid) + " on " + other.identity.host +
                   " has just taken up " + name, "--join takes part in it"};
    }
    opened.totals = store.totals(run);
    past_locks(store, opened, [&] { note_start(request, store, opened); });
    if (!past_locks(store, opened, [&] { return store.take_up_run(run); })) {
        store.leave(opened.worker);
        throw Busy{name + " has just been ended by another process"};
    }
    opened.run = store.find_run(run);
    forget_set_before(request, store, *opened.run);
}

/// Makes this process one of the run's workers. One that ended or failed before it could is no run for us: `run` is absent then.
void join(const Request& request, store::Store& store, Opened& opened, progress::Hub& hub) {
    const store::RunId run = opened.run->id;
    const std::string name = name_of_run(*opened.run);
    opened.worker = store.register_worker(run, store::this_process(), request.job.run.lease, {});
    const std::string state = past_locks(store, opened, [&] { return store.join_run(run); });
    opened.run = store.find_run(run);
    if (state == "running" || state == "paused" || state == "interrupted") {
        hub.note("taking part in " + name);
        opened.totals = store.totals(run);
        opened.before_start = decode_settings(opened.run->settings).before_start;
        return;
    }
    store.leave(opened.worker);
    const bool has_failed = state == "failed";
    hub.note(name + (has_failed ? " has failed: " + opened.run->last_error + "; when the cause is mended, run the job without --join"
                                : " has " + std::string{state == "cancelled" ? "been cancelled" : "ended"} +
                                      ": there is nothing to take part in"));
    opened.exit_code = has_failed ? ExitCode::failed : state == "cancelled" ? ExitCode::cancelled : ExitCode::succeeded;
    opened.run.reset();
}

/// From what was checked to a run of ours in the store.
Opened take_up(const Request& request, Preparation preparation, const RunBounds& bounds, progress::Hub& hub,
               engine::Stopping& stopping) {
    auto stored = open_store(preparation);
    store::Store store{*stored, request.job.store_schema};
    if (!store.is_current()) store.migrate();
    auto [run, is_new] = find_or_create(request, preparation, bounds, store, hub, stopping);
    if (!run) return {.preparation = std::move(preparation)};
    engine::failpoint("run-created");
    Opened opened{.preparation = std::move(preparation), .run = run, .is_new = is_new};
    request.join ? join(request, store, opened, hub) : begin_alone(request, store, opened);
    opened.stored = std::move(stored);
    return opened;
}

/// The run whose dead letters are to be tried again, unfinished from now on; absent where there are none.
std::optional<store::RunRecord> reopen(const Request& request, const Preparation& preparation, store::Store& store,
                                       progress::Hub& hub) {
    const Request::Retry& retry = *request.retry;
    const auto run = store.find_run(retry.run);
    if (!run) throw Error{ErrorKind::usage, "there is no run " + std::to_string(retry.run) + " in this store"};
    if (run->identity != preparation.identity)
        throw Error{ErrorKind::refused, name_of_run(*run) + " is of another job, or was begun with other parameters"};
    if (run->state == "cancelled") throw Error{ErrorKind::refused, name_of_run(*run) + " was cancelled, and does not go on"};
    refuse_if_alive(store, *run);
    if (const auto other = store.unfinished_run(run->identity); other && other->id != run->id)
        throw Busy{name_of_run(*other) + " of the same job and parameters is unfinished: finish it first, by running its job"};
    check_fingerprint(request, preparation, store, *run, hub);
    if (!store.has_dead_letters(run->id, retry.error_class, retry.keys) && store.totals(run->id).waiting == 0) {
        hub.note(name_of_run(*run) + " has no such dead letters left: there is nothing to try again");
        return {};
    }
    if (run->state == "succeeded") {
        // Whatever becomes of these: its bound holds, and a later run does not begin below it.
        StoredSettings settings = decode_settings(run->settings);
        settings.has_succeeded = true;
        store.set_settings(run->id, encode(settings));
    }
    return store.reopen_run(run->id);
}

/// Only in a run that is ours: in one that shows as finished nobody would look for rows that wait.
void take_up_dead_letters(const Request::Retry& retry, store::Store& store, Opened& opened, progress::Hub& hub) {
    const store::RunId run = opened.run->id;
    std::uint64_t moved = 0;
    try {
        moved = store.dead_letters_to_waiting(run, retry.error_class, retry.keys);
    } catch (...) {
        try {
            store.leave(opened.worker);
        } catch (const Error&) {
            // Then the lease tells.
        }
        throw;
    }
    opened.totals = store.totals(run);
    hub.note("trying " + std::to_string(moved) + " dead letter(s) of " + name_of_run(*opened.run) + " again");
    if (opened.totals.waiting > moved)
        hub.note("going on with " + std::to_string(opened.totals.waiting - moved) + " row(s) that wait for another attempt");
}

Opened take_up_retry(const Request& request, Preparation preparation, progress::Hub& hub) {
    auto stored = open_store(preparation);
    store::Store store{*stored, request.job.store_schema};
    if (!store.is_current()) store.migrate();
    auto run = reopen(request, preparation, store, hub);
    if (!run) return {.preparation = std::move(preparation)};
    Opened opened{.preparation = std::move(preparation), .run = std::move(run)};
    begin_alone(request, store, opened);
    take_up_dead_letters(*request.retry, store, opened, hub);
    note_start(request, store, opened);
    opened.stored = std::move(stored);
    return opened;
}

/// Calls `take`, whose errors of the server are about the run store.
template <typename Take>
auto blaming_store(const Request& request, Take take) {
    try {
        return take();
    } catch (const Busy&) {
        throw;
    } catch (const JobChanged&) {
        throw;
    } catch (const Error& error) {
        throw blame_store(request, error);
    }
}

Opened open_retry(const Request& request, Preparation preparation, db::Session& session, progress::Hub& hub) {
    check_plans(request, preparation, session, table::read_bounds(session, *preparation.selection, {}, {}));
    check_throttles(request.job.throttle, preparation.target);
    return blaming_store(request, [&] { return take_up_retry(request, std::move(preparation), hub); });
}

Opened open(const Request& request, progress::Hub& hub, engine::Stopping& stopping) {
    auto connected = connect_first(source_connector(request), false);
    if (!request.dry_run && request.job.store_dsn.empty()) check_writable(*connected);
    Preparation preparation = prepare(request, *connected);
    if (request.retry) return open_retry(request, std::move(preparation), *connected, hub);
    auto reading = preparation.session_is_source ? std::move(connected) : connect_first(preparation.source, false);
    const auto last = blaming_store(request, [&] { return find_last_run(request, preparation, !request.dry_run); });
    RunBounds bounds = read_run_bounds(request, preparation, *reading, last);
    auto settling = std::make_unique<table::Settling>(*reading, request.job.source.settle);
    bounds.settles = bound_settles(request.job.source, *settling);
    check_since(request, *preparation.selection, *settling);
    check_plans(request, preparation, *reading, bounds.range);
    check_throttles(request.job.throttle, preparation.target);
    if (request.dry_run) return {.preparation = std::move(preparation)};
    connected.reset();
    return blaming_store(request, [&] {
        Opened opened = take_up(request, std::move(preparation), bounds, hub, stopping);
        // Where rows have been worked on, the bound had settled before; where there are none, nothing is read up to it.
        if (opened.totals.tally.settled() == 0 && opened.run && !opened.run->bound_empty) {
            // A bound that another process has read may be younger than our look at what was open.
            if (!opened.is_new) settling = std::make_unique<table::Settling>(*reading, request.job.source.settle);
            opened.reading = std::move(reading);
            opened.settling = std::move(settling);
        }
        return opened;
    });
}

}  // namespace

Opened open_run(const Request& request, progress::Hub& hub, engine::Stopping& stopping) {
    try {
        return open(request, hub, stopping);
    } catch (const Busy&) {
        throw;
    } catch (const JobChanged& changed) {
        throw JobChanged{conceal(request, changed.found()), with_changes};
    } catch (const Error& error) {
        throw conceal(request, error);
    }
}

}  // namespace rowmill::run
