#include "run/plan.hpp"

#include "run/link.hpp"
#include "run/preparation.hpp"
#include "run/since.hpp"
#include "table/explain.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

constexpr std::size_t sacks_shown = 5;
constexpr std::size_t rows_of_statement = 3;

std::string name_of_key(const table::KeySpec& key) {
    std::string text = key.index + " (";
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        text += (i == 0 ? "" : ", ") + key.columns[i].name + " " + key.columns[i].column_type;
    return text + ")";
}

std::string promise_of(const Request& request, const Preparation& preparation) {
    if (request.job.action.kind == "none") return "reads only";
    if (request.job.action.kind != "sql")
        return "at least once: after a crash, rows in flight or finished since the last checkpoint are worked on again";
    if (request.job.action.at_least_once) return "at least once (at_least_once = true)";
    return preparation.target_is_store ? "exactly once: each batch commits together with its checkpoint"
                                       : "at least once: the work is done on another server than the run store's";
}

/// What is done with a row outside of the database, as it was written: without what ${…} stands for.
std::string work_of(const job::ActionSpec& action) {
    std::string command, url;
    for (const auto& [name, text] : action.written) {
        if (name.starts_with("command ")) command += (command.empty() ? "" : " ") + text;
        if (name == "url") url = text;
    }
    if (action.kind == "exec") return command + (action.ndjson ? "  (kept running, spoken to by lines)" : "");
    return action.kind == "http" ? action.method + " " + url : std::string{};
}

engine::Batch first_batch(db::Session& session, const Preparation& preparation, const table::Bounds& bounds,
                          std::uint64_t rows) {
    table::PageReader reader{
        session, preparation.selection, {bounds.after, bounds.upto, preparation.selection->descending}};
    engine::Page page;
    do page = reader.next(rows, {});
    while (page.items.empty() && !page.at_end);
    return {.count = page.count, .after = page.after, .upto = page.upto, .items = page.items};
}

std::vector<std::string> describe_sacks(db::Session& session, const Request& request, const Preparation& preparation,
                                        const table::Bounds& bounds) {
    std::vector<table::PlannedSack> planned;
    if (request.job.source.sacks == job::SourceSpec::Sacks::width) {
        planned = table::width_sacks(preparation.selection->key, bounds, request.job.run.workers,
                                     preparation.selection->descending);
    } else {
        table::Walk walk;
        table::Density density;
        planned = table::walk_sacks(session, *preparation.selection, bounds,
                                    spacing_of(request, *preparation.selection), sacks_shown, walk, density);
    }
    std::vector<std::string> lines;
    for (const table::PlannedSack& sack : planned) {
        if (lines.size() == sacks_shown) break;
        const std::string from = sack.after.empty() ? "the beginning" : "after " + display(sack.after);
        lines.push_back(from + " up to " + display(sack.upto) +
                        (sack.rows > 0 ? ", " + std::to_string(sack.rows) + " rows" : ""));
    }
    return lines;
}

/// The rows of a batch with all their columns, by key.
db::ResultSet rows_of(db::Session& session, const Preparation& preparation, const engine::Batch& batch) {
    const table::Selection& selection = *preparation.selection;
    const auto quote = [&](ValueView value) { return session.quote(value); };
    return session.query("SELECT * FROM " + selection.from() + " WHERE " +
                         table::batch_condition(selection.key, batch.items, quote) + " ORDER BY " +
                         table::order_by(selection.key, selection.descending));
}

std::string key_of(const db::ResultSet& rows, std::size_t row, const table::KeySpec& key) {
    std::string text;
    for (const auto& column : key.columns) {
        const auto at = rows.find(column.name);
        text += (text.empty() ? "" : ", ") + (at ? rows.text(row, *at) : std::string{});
    }
    return text;
}

std::vector<Plan::Change> compare(const db::ResultSet& before, const db::ResultSet& after, const table::KeySpec& key) {
    std::vector<Plan::Change> changes;
    std::size_t next = 0;
    for (std::size_t row = 0; row < before.rows.size(); ++row) {
        Plan::Change change{key_of(before, row, key), {}};
        const bool gone = next >= after.rows.size() || key_of(after, next, key) != change.key;
        for (std::size_t column = 0; column < before.columns.size(); ++column) {
            const auto& old_cell = before.rows[row][column];
            if (gone) break;
            const auto& new_cell = after.rows[next][column];
            if (old_cell == new_cell) continue;
            change.columns.emplace_back(before.columns[column],
                                        std::pair{old_cell.value_or("NULL"), new_cell.value_or("NULL")});
        }
        if (gone)
            change.columns.emplace_back("(row)", std::pair{std::string{"there"}, std::string{"deleted"}});
        else
            ++next;
        if (!change.columns.empty()) changes.push_back(std::move(change));
    }
    return changes;
}

void add_sample(Plan& plan, const Request& request, const Preparation& preparation,
                const std::shared_ptr<const action::SqlPlan>& action_plan, const table::Bounds& bounds,
                std::uint64_t rows) {
    if (!action_plan) throw Error{ErrorKind::usage, "--sample shows a change and rolls it back, which can only be done with SQL"};
    if (request.job.action.at_least_once)
        throw Error{ErrorKind::refused, "--sample can't roll back what at_least_once = true lets run"};
    const auto session = connect_first(preparation.target, true);
    const engine::Batch batch = first_batch(*session, preparation, bounds, rows);
    plan.sampled = batch.count;
    if (batch.count == 0) return;
    action::SqlAction action{action_plan, [&]() -> db::Session& { return *session; }};
    session->execute("BEGIN");
    const db::ResultSet before = rows_of(*session, preparation, batch);
    std::optional<Error> failed;
    action.start(batch, {}, engine::Reply{[&](engine::Reply::Answer answer) {
                     if (const Error* error = std::get_if<Error>(&answer)) failed = *error;
                 }});
    if (failed) throw as_usage(*failed, "--sample: of these rows, one fails");
    const db::ResultSet after = rows_of(*session, preparation, batch);
    session->execute("ROLLBACK");
    plan.sample = compare(before, after, preparation.selection->key);
}

std::string describe_unfinished(const Request& request, const Preparation& preparation) {
    const auto session = connect_first(preparation.store, false);
    store::Store store{*session, request.job.store_schema};
    if (!store.is_current()) return {};
    const auto run = store.unfinished_run(preparation.identity);
    if (!run) return {};
    return "run " + std::to_string(run->id) + " (" + run->state + ", " +
           std::to_string(store.totals(run->id).tally.settled()) + " rows settled)";
}

/// The statements for the first rows, and the lock before them, as people may see them.
void show_statements(Plan& plan, const Request& shown, Preparation preparation,
                     std::shared_ptr<const table::Selection> shown_selection, db::Session& session,
                     const table::Bounds& bounds) {
    const engine::Batch batch = first_batch(session, preparation, bounds, rows_of_statement);
    preparation.selection = std::move(shown_selection);
    const auto action_plan = plan_action(shown, preparation, 0, "1970-01-01 00:00:00");
    if (!action_plan || batch.count == 0) return;
    const auto quote = [&](ValueView value) { return session.quote(value); };
    plan.statements = action::render(*action_plan, batch, quote);
    if (const auto lock = action::render_lock(*action_plan, batch, quote))
        plan.statements.insert(plan.statements.begin(), *lock);
}

Plan find_out(const Request& request, std::uint64_t sample) {
    const auto first = connect_first(source_connector(request), false);
    const Preparation preparation = prepare(request, *first);
    const auto session = connect_first(preparation.source, false);
    const table::Selection& selection = *preparation.selection;
    const table::Bounds bounds =
        read_run_bounds(request, preparation, *session, find_last_run(request, preparation, false)).range;
    check_since(request, selection, table::Settling{*session, request.job.source.settle});
    check_plans(request, preparation, *session, bounds);
    const Request shown = masked(request);
    table::Selection shown_selection = selection;
    shown_selection.filter =
        action::render_filter(shown.job, shown.params, [&](ValueView value) { return session->quote(value); });

    Plan plan;
    plan.server = session->server().display() + " at " + preparation.source.endpoint().display();
    plan.table = selection.table.schema + "." + selection.table.name;
    plan.key = name_of_key(selection.key);
    plan.filter = shown_selection.filter;
    plan.bound = bounds.empty ? "(no rows)" : display(bounds.upto);
    plan.estimated_rows = selection.table.estimated_rows;
    plan.promise = promise_of(request, preparation);
    plan.work = work_of(shown.job.action);
    plan.unfinished = describe_unfinished(request, preparation);
    if (bounds.empty) return plan;
    plan.page_query = table::sample_page_query(*session, shown_selection, bounds, request.job.run.batch);
    for (const table::ExplainLine& line : table::explain(*session, plan.page_query))
        plan.page_plan.push_back(line.table + ": " + line.type + " on " + line.key + " (length " + line.key_len +
                                 "), about " + std::to_string(line.rows) + " rows" +
                                 (line.extra.empty() ? "" : "; " + line.extra));
    plan.sacks = describe_sacks(*session, request, preparation, bounds);
    show_statements(plan, shown, preparation, std::make_shared<const table::Selection>(shown_selection), *session,
                    bounds);
    if (sample > 0)
        add_sample(plan, request, preparation, plan_action(request, preparation, 0, "1970-01-01 00:00:00"), bounds,
                   sample);
    return plan;
}

}  // namespace

Plan make_plan(const Request& request, std::uint64_t sample) {
    try {
        return find_out(request, sample);
    } catch (const Error& error) {
        throw conceal(request, error);
    }
}

}  // namespace rowmill::run
