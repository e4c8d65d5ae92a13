#include "table/explain.hpp"

#include "db/errors.hpp"
#include "table/boundary.hpp"
#include "table/reading_cost.hpp"

#include <algorithm>
#include <array>

namespace rowmill::table {
namespace {

/// Other tables that a filter or a statement reads may be scanned while they are small.
constexpr std::uint64_t small_table_rows = 1000;

bool sorts(const ExplainLine& line) {
    return line.extra.find("Using filesort") != std::string::npos ||
           line.extra.find("Using temporary") != std::string::npos;
}

/// A scan of the table, or of a whole index of it.
bool scans(const ExplainLine& line) {
    return line.type == "ALL" || line.type == "index";
}

/// An inner table that is scanned once for each row.
bool is_dependent_scan(const ExplainLine& line) {
    return line.select_type.starts_with("DEPENDENT") && scans(line) && line.rows >= small_table_rows;
}

/// The statement is fine but for what the job wrote into it: a mistake there is found before the first row.
std::vector<ExplainLine> explain_for(db::Session& session, const std::string& statement, const std::string& where) {
    try {
        return explain(session, statement);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::fatal && error.kind() != ErrorKind::row) throw;
        Error blamed{ErrorKind::usage, where + ": " + db::without_statement(error)};
        blamed.server_code = error.server_code;
        blamed.sqlstate = error.sqlstate;
        blamed.statement = statement;
        throw blamed;
    }
}

/// From a key some way into the table on, so that the range has a lower end, as nearly all page queries have. Where
/// that is the last key, the whole.
Range sample_range(db::Session& session, const Selection& selection, const Bounds& bounds) {
    constexpr std::uint64_t rows_in = 1000;
    const Range whole{bounds.after, bounds.upto, selection.descending};
    const Boundary boundary =
        find_boundary(session, selection, whole, rows_in, Filtered::no, Tail::not_counted, std::stop_token{});
    Range rest = whole;
    if (boundary.key) {
        rest.after = *boundary.key;
    } else if (!bounds.first.empty()) {
        rest.after = bounds.first;
    }
    return seeks(selection.key, rest, quote_for(session)).empty() ? whole : rest;
}

std::string page_query(const Selection& selection, const Seek& seek, std::size_t rows) {
    return select(selection, selection.columns(), seek.condition, Filtered::yes) + " ORDER BY " +
           order_by(selection.key, selection.descending, seek.fixed) + " LIMIT " + std::to_string(rows);
}

/// The filter may name the table again, in a query of its own.
bool reads_pages(const Selection& selection, const ExplainLine& line) {
    return same_name(line.table, selection.table.name) &&
           (line.select_type == "SIMPLE" || line.select_type == "PRIMARY");
}

/// How many bytes of an index entry a seek is about, at least: its equalities, and the column behind them.
unsigned bytes_of(const KeySpec& key, const Seek& seek) {
    unsigned bytes = 0;
    for (std::size_t i = 0; i < key.columns.size() && i <= seek.fixed; ++i) bytes += key.columns[i].key_bytes;
    return bytes;
}

/// A condition on a column that the index can't serve, a text's compared with a number say, is not among them.
std::string objection_to_length(const Selection& selection, const ExplainLine& line, const Seek& seek) {
    if (line.key_len.empty()) return {};
    const std::uint64_t used = Value{ValueType::unsigned_integer, line.key_len}.view().as_unsigned();
    if (used >= bytes_of(selection.key, seek)) return {};
    return "the server would seek it by " + line.key_len + " bytes of index " + selection.key.index +
           ", where the key has " + std::to_string(bytes_of(selection.key, seek)) + " at least";
}

/// What is wrong with how the server would read a page; empty: nothing. From the start of the table on, a scan of the
/// index is what a page is read by.
std::string objection_to_page(const Selection& selection, const ExplainLine& line, const Seek& seek, bool from_start) {
    const std::string index = "index " + selection.key.index;
    if (line.type == "system" || line.type == "const") return {};  // one row at most, however it is found
    if (!line.key.empty() && !same_name(line.key, selection.key.index)) {
        return "the server would read it by index " + line.key + " and not by " + index;
    }
    if (line.key.empty()) return "the server would scan the table and not use " + index;
    if (line.type == "index" && !from_start) return "the server would scan the whole of " + index;
    if (sorts(line)) return "the server would sort the rows of every page";
    return objection_to_length(selection, line, seek);
}

bool can_be_explained(const job::Statement& statement) {
    constexpr std::array<std::string_view, 5> verbs{"SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE"};
    return std::ranges::find(verbs, statement.verb()) != verbs.end();
}

/// The rows that an INSERT puts into a table are shown as a scan of it, without a number of rows.
bool is_full_scan(const ExplainLine& line, const Selection& selection) {
    if (!scans(line) || line.rows == 0 || line.table.empty() || line.table.starts_with("<")) return false;
    if (line.select_type == "INSERT" || line.select_type == "REPLACE") return false;
    const bool no_index_would_do = line.possible_keys.empty();
    if (same_name(line.table, selection.table.name) && no_index_would_do) return true;
    return line.rows >= (no_index_would_do ? small_table_rows : 100 * small_table_rows);
}

}  // namespace

std::vector<ExplainLine> explain(db::Session& session, const std::string& statement) {
    const char* format = session.server().is_mariadb() ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ";
    const db::ResultSet result = session.query(format + statement);
    const auto cell = [&](std::size_t row, std::string_view column) {
        const auto position = result.find(column);
        return position ? result.text(row, *position) : std::string{};
    };
    std::vector<ExplainLine> lines;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        ExplainLine line;
        line.table = cell(row, "table");
        line.type = cell(row, "type");
        line.key = cell(row, "key");
        line.key_len = cell(row, "key_len");
        line.extra = cell(row, "Extra");
        line.select_type = cell(row, "select_type");
        line.possible_keys = cell(row, "possible_keys");
        const std::string rows = cell(row, "rows");
        line.rows = rows.empty() ? 0 : Value{ValueType::unsigned_integer, rows}.view().as_unsigned();
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string sample_page_query(db::Session& session, const Selection& selection, const Bounds& bounds,
                              std::size_t rows) {
    const Range range = sample_range(session, selection, bounds);
    const std::vector<Seek> parts = seeks(selection.key, range, quote_for(session));
    return page_query(selection, parts.empty() ? Seek{"1 = 0"} : parts.front(), rows);
}

void check_page_plan(db::Session& session, const Selection& selection, const Bounds& bounds, bool allow_full_scan) {
    const Range range = sample_range(session, selection, bounds);
    std::vector<Seek> parts = seeks(selection.key, range, quote_for(session));
    // A range without a row is asked for all the same: it shows mistakes in the filter.
    if (parts.empty()) parts.emplace_back();
    for (const Seek& seek : parts) {
        for (const ExplainLine& line :
             explain_for(session, page_query(selection, seek, 1000), selection.filter_place)) {
            if (allow_full_scan) continue;
            std::string objection;
            if (reads_pages(selection, line)) {
                objection = objection_to_page(selection, line, seek, range.after.empty());
            } else if (is_dependent_scan(line)) {
                objection = "the filter would scan table " + line.table + " once for each row: it needs an index there";
            }
            if (objection.empty()) continue;
            throw Error{ErrorKind::refused, "a page of " + selection.table.quoted() +
                                                " can't be read by its key: " + objection +
                                                ". Change the filter or key_index, or pass "
                                                "--allow-full-scan"};
        }
    }
    if (!allow_full_scan) check_reading_cost(session, selection, range);
}

void check_statement_plan(db::Session& session, const Selection& selection, const job::Statement& written,
                          const std::string& rendered, const std::string& where, bool allow_full_scan) {
    if (!can_be_explained(written)) return;
    for (const ExplainLine& line : explain_for(session, rendered, where)) {
        if (allow_full_scan || !is_full_scan(line, selection)) continue;
        throw Error{ErrorKind::refused,
                    where + " would scan all of table " + line.table + " (about " + std::to_string(line.rows) +
                        " rows) for every call: select rows by the key (:id, :batch or :range), add an "
                        "index for its condition, or pass --allow-full-scan"};
    }
}

}  // namespace rowmill::table
