#include "item/random_token.hpp"
#include "store/cells.hpp"
#include "store/missing.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

namespace rowmill::store {
namespace {

constexpr int duplicate_key = 1062;

RunRecord read(Cells cells) {
    RunRecord run;
    run.id = cells.number();
    for (std::string* text : {&run.job, &run.identity, &run.fingerprint, &run.params, &run.settings, &run.server,
                              &run.token, &run.state, &run.desired_state}) {
        *text = cells.text();
    }
    run.bound_after = cells.key();
    run.bound_upto = cells.key();
    run.bound_empty = cells.flag();
    run.walk_position = cells.key();
    run.walk_done = cells.flag();
    for (std::string* text : {&run.started_at, &run.finished_at, &run.last_progress_at, &run.last_error}) {
        *text = cells.text();
    }
    run.worked_seconds = cells.real();
    run.definition = cells.text();
    run.live_settings = cells.text();
    return run;
}

bool is_final(std::string_view state) {
    return state == "succeeded" || state == "failed" || state == "cancelled";
}

Value text_or_null(const std::string& text) {
    return text.empty() ? Value{} : Value::text(text);
}

}  // namespace

std::optional<RunRecord> Store::read_run(std::string_view statement, Arguments arguments) {
    const db::ResultSet result = session_.query(sql(statement, arguments));
    if (result.empty()) return {};
    return read(Cells{result, 0});
}

RunRecord Store::create_run(const NewRun& run) {
    const std::string insert = sql("create_run", {{"job", Value::text(run.job)},
                                                  {"identity", Value::text(run.identity)},
                                                  {"fingerprint", Value::text(run.fingerprint)},
                                                  {"params", Value::text(run.params)},
                                                  {"settings", Value::text(run.settings)},
                                                  {"server", Value::text(run.server)},
                                                  {"token", Value::text(random_token())},
                                                  {"bound_after", Value::bytes(encode_key(run.bound_after))},
                                                  {"bound_upto", Value::bytes(encode_key(run.bound_upto))},
                                                  {"bound_empty", run.bound_empty},
                                                  {"definition", text_or_null(run.definition)}});
    Error busy{ErrorKind::refused, "another process has just begun a run of " + run.job +
                                       " with the same parameters; `rowmill status` shows it"};
    busy.server_code = duplicate_key;
    RunId id = 0;
    try {
        Transaction transaction{session_};
        id = session_.execute(insert).last_insert_id;
        // Only now: no other run of this identity can succeed any more.
        if (run.newest_succeeded) {
            const auto newest = newest_succeeded(run.identity);
            if ((newest ? newest->id : 0) != *run.newest_succeeded) throw busy;
        }
        transaction.commit();
    } catch (const Error& error) {
        if (error.server_code == duplicate_key) throw busy;
        throw;
    }
    return find_run(id).value();
}

std::optional<RunRecord> Store::find_run(RunId id) {
    return read_run("find_run", {{"run", id}});
}

std::optional<RunRecord> Store::lock_run(RunId id) {
    return read_run("lock_run", {{"run", id}});
}

bool Store::holds(RunId run, const std::string& token) {
    try {
        return Cells{session_.query(sql("run_holds_token", {{"run", run}, {"token", Value::text(token)}})), 0}.flag();
    } catch (const Error& error) {
        if (is_missing(error)) return false;
        throw;
    }
}

std::optional<RunRecord> Store::newest_run() {
    return read_run("list_runs", {{"most", 1U}});
}

std::optional<RunRecord> Store::unfinished_run(const std::string& identity) {
    return read_run("unfinished_run", {{"identity", Value::text(identity)}});
}

std::optional<RunRecord> Store::newest_succeeded(const std::string& identity) {
    return read_run("newest_succeeded", {{"identity", Value::text(identity)}});
}

std::vector<RunRecord> Store::list_runs(std::size_t most) {
    const db::ResultSet result = session_.query(sql("list_runs", {{"most", most}}));
    return records(result, read);
}

bool Store::set_state(RunId run, const std::string& state, const std::string& last_error) {
    const auto executed =
        session_.execute(sql("set_run_state", {{"run", run},
                                               {"state", Value::text(state)},
                                               {"last_error", text_or_null(storable_reason(last_error))},
                                               {"finished", is_final(state)}}));
    return executed.matched == 1;
}

void Store::set_fingerprint(RunId run, const std::string& fingerprint) {
    session_.execute(sql("set_fingerprint", {{"run", run}, {"fingerprint", Value::text(fingerprint)}}));
}

void Store::set_definition(RunId run, const std::string& definition) {
    session_.execute(sql("set_definition", {{"run", run}, {"definition", text_or_null(definition)}}));
}

RunRecord Store::reopen_run(RunId run) {
    const auto before = find_run(run);
    if (!before) {
        throw Error{ErrorKind::usage, "there is no run " + std::to_string(run) +
                                          " in this store; rowmill status --all lists those there are"};
    }
    reopen(*before);
    RunRecord reopened = find_run(run).value();
    if (reopened.state == "cancelled") {
        throw Error{ErrorKind::refused, "run " + std::to_string(run) + " was cancelled, and does not go on"};
    }
    return reopened;
}

void Store::reopen(const RunRecord& ended) {
    try {
        session_.execute(sql("reopen_run", {{"run", ended.id}}));
    } catch (const Error& error) {
        if (error.server_code != duplicate_key) throw;
        const auto other = unfinished_run(ended.identity);
        Error refused{ErrorKind::refused,
                      (other ? "run " + std::to_string(other->id) : "another run") + " of " + ended.job +
                          " with the same parameters is unfinished: let it finish, or cancel it, before run " +
                          std::to_string(ended.id) + " goes on"};
        refused.server_code = duplicate_key;
        throw refused;
    }
}

void Store::add_worked_seconds(RunId run, double seconds) {
    session_.execute(sql("add_worked_seconds", {{"run", run}, {"seconds", seconds}}));
}

void Store::abandon_run(RunId run) {
    // First the state: a run that is half forgotten must not be resumed.
    set_state(run, "cancelled", "");
    forget(run, "some_sacks_of_run", "delete_sacks");
    forget(run, "some_waiting_of_run", "delete_waiting");
    forget(run, "some_dead_letters_of_run", "delete_dead_letters");
    forget(run, "some_workers_of_run", "delete_workers");
    forget(run, "some_notes_of_run", "delete_notes");
    session_.execute(sql("delete_samples", {{"run", run}}));
}

void Store::forget(RunId run, std::string_view some, std::string_view remove) {
    for (;;) {
        const std::vector<std::uint64_t> chunk = ids(sql(some, {{"run", run}}));
        if (chunk.empty()) return;
        session_.execute(sql(remove, {{"ids", chunk}}));
    }
}

RunTotals Store::totals(RunId run) {
    const db::ResultSet result = session_.query(sql("run_totals", {{"run", run}}));
    Cells cells{result, 0};
    RunTotals totals;
    for (std::uint64_t* number :
         {&totals.sacks, &totals.sacks_done, &totals.sacks_running, &totals.rows_planned, &totals.rows_done}) {
        *number = cells.number();
    }
    totals.rows_exact = cells.flag();
    for (std::uint64_t* number : {&totals.tally.succeeded, &totals.tally.skipped, &totals.tally.failed,
                                  &totals.dead_letters, &totals.waiting}) {
        *number = cells.number();
    }
    return totals;
}

}  // namespace rowmill::store
