#include "run/since.hpp"

#include "run/link.hpp"
#include "run/snapshot.hpp"

#include <algorithm>
#include <array>

namespace rowmill::run {
namespace {

std::string name_of(const store::RunRecord& run) { return "run " + std::to_string(run.id); }

std::string index_of(const table::KeySpec& key) {
    std::string text = key.index + " (";
    for (const table::ColumnDescription& column : key.columns) text += (&column == key.columns.data() ? "" : ", ") + column.name;
    return text + ")";
}

constexpr const char* anew = "; --from-beginning works through the whole range once more";

/// The parts of a fingerprint that a bound depends on.
job::Fingerprint of_bound(const job::Fingerprint& fingerprint) {
    constexpr std::array<std::string_view, 5> names{"table", "key", "order", "partitions", "source"};
    job::Fingerprint parts;
    for (const auto& [name, text] : fingerprint) {
        if (std::ranges::find(names, name) != names.end() || name.starts_with("type of ") || name.starts_with("collation of "))
            parts.emplace(name, text);
    }
    return parts;
}

void check_same_key(const Preparation& preparation, const store::RunRecord& last) {
    const auto changed = job::differences(of_bound(job::decode_fingerprint(last.fingerprint)), of_bound(preparation.fingerprint));
    if (changed.empty()) return;
    throw Error{ErrorKind::refused, "the bound of " + name_of(last) + " is of another key: " + changed.front() + anew};
}

/// Where ids are handed out again that lie below the bound, their rows would be read by no run.
void check_only_grows(const Preparation& preparation, db::Session& session, const store::RunRecord& last) {
    const table::Selection& selection = *preparation.selection;
    if (!selection.key.auto_increment_leads()) return;
    const auto next = table::next_id(session, selection.table);
    const ValueView bound = last.bound_upto.front().view();
    if (!next || bound.text().starts_with('-') || *next > bound.as_unsigned()) return;
    throw Error{ErrorKind::refused, "the next row of " + selection.table.quoted() + " will have the id " + std::to_string(*next) +
                                        ", below " + display(last.bound_upto) + ", which is the bound of " + name_of(last) +
                                        ": the table was emptied, or its ids were set back" + anew +
                                        ", --accept-changes goes on above that bound"};
}

void check_settled(const store::RunRecord& last) {
    if (decode_settings(last.settings).bound_settles) return;
    throw Error{ErrorKind::refused, name_of(last) + " did not wait for the transactions that were open when it read its bound "
                                        "(settle), so rows may have appeared below it" + anew +
                                        ", --accept-changes goes on above that bound"};
}

table::Bounds read_above(const Request& request, const Preparation& preparation, db::Session& session,
                         const store::RunRecord& last) {
    check_same_key(preparation, last);
    if (!request.accept_changes) {
        check_settled(last);
        check_only_grows(preparation, session, last);
    }
    return table::read_bounds_above(session, *preparation.selection, last.bound_upto, request.job.source.to);
}

}  // namespace

bool bound_settles(const job::SourceSpec& source, const table::Settling& settling) {
    return source.settle.automatic ? settling.why_unknown().empty() : source.settle.fixed.count() > 0;
}

void check_since(const Request& request, const table::Selection& selection, const table::Settling& settling) {
    const job::SourceSpec& source = request.job.source;
    if (!source.since_last_run) return;
    const std::string start = (request.job.file.empty() ? "" : request.job.file + ": ") + std::string{"source.since = \"last-run\" "};
    if (source.order == job::SourceSpec::Order::descending)
        throw Error{ErrorKind::usage, start + "reads what lies above the last run's bound, which order = \"desc\" does not end with"};
    if (!selection.key.auto_increment_leads() && !source.monotonic)
        throw Error{ErrorKind::usage, start + "needs a key that only grows, and the key " + index_of(selection.key) +
                                          " does not begin with an AUTO_INCREMENT column; monotonic = true says that it only grows "
                                          "all the same"};
    if (bound_settles(source, settling)) return;
    if (!source.settle.automatic)
        throw Error{ErrorKind::usage, start + "needs a bound below which no row appears later: settle = \"0\" does not wait for it"};
    throw Error{ErrorKind::refused, start + "needs a bound below which no row appears later, and " + settling.why_unknown()};
}

std::optional<LastRun> find_last_run(const Request& request, const Preparation& preparation, bool may_write) {
    if (!request.job.source.since_last_run || request.from_beginning) return {};
    const auto stored = connect_first(preparation.store, false);
    store::Store store{*stored, request.job.store_schema};
    if (!store.exists()) return LastRun{};
    if (!store.is_current()) {
        if (!may_write)
            throw Error{ErrorKind::usage, "it was made by an earlier rowmill, which does not tell where the last run ended: rowmill "
                                          "init brings it up to date"};
        store.migrate();
    }
    const bool goes_on = !request.restart && store.unfinished_run(preparation.identity);
    return LastRun{store.newest_succeeded(preparation.identity), goes_on};
}

RunBounds read_run_bounds(const Request& request, const Preparation& preparation, db::Session& session,
                          const std::optional<LastRun>& last) {
    const job::SourceSpec& source = request.job.source;
    RunBounds bounds;
    // One over an empty table, with none before it that had a row, has no bound.
    const bool has_bound = last && last->succeeded && !last->succeeded->bound_upto.empty();
    bounds.goes_on = has_bound && !last->is_unfinished;
    if (bounds.goes_on)
        bounds.range = read_above(request, preparation, session, *last->succeeded);
    else
        bounds.range = table::read_bounds(session, *preparation.selection, source.from, source.to);
    if (!last) return bounds;
    bounds.last_run = last->succeeded ? last->succeeded->id : 0;
    bounds.may_begin = !last->is_unfinished;
    return bounds;
}

std::string describe(store::RunId run, const RunBounds& bounds) {
    const std::string start = "run " + std::to_string(run) + ": ";
    const std::string last = bounds.goes_on ? display(bounds.range.after) + " (run " + std::to_string(*bounds.last_run) + "'s bound)" : "";
    if (bounds.range.empty) return start + (bounds.goes_on ? "no rows above " + last : "no rows");
    const std::string upto = " up to " + display(bounds.range.upto);
    return start + (bounds.goes_on ? "rows above " + last : std::string{"no earlier run has succeeded: rows from the beginning"}) + upto;
}

}  // namespace rowmill::run
