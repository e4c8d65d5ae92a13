#include "table/boundary.hpp"

#include "table/comparison.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

std::string in_order(const Selection& selection, const Seek& seek, bool descending) {
    return " ORDER BY " + order_by(selection.key, descending, seek.fixed);
}

std::string boundary_query(const Selection& selection, const Seek& seek, Filtered filtered, bool descending,
                           std::uint64_t rows) {
    return select(selection, key_list(selection.key), seek.condition, filtered) +
           in_order(selection, seek, descending) + " LIMIT 1 OFFSET " + std::to_string(rows - 1);
}

/// Integers are compared here, so that the server need not compare every row with the end of the range: that is a fifth
/// of what it does. Not under a filter, which might match nothing for long after the range's end.
Boundary find_integer_boundary(db::Session& session, const Selection& selection, const Range& range, std::uint64_t rows,
                               Tail tail) {
    const Quote quote = quote_for(session);
    const Range open{range.after, {}, range.descending};
    const Seek seek = seeks(selection.key, open, quote).front();
    Boundary boundary;
    boundary.key = query_key(session, selection, boundary_query(selection, seek, Filtered::no, range.descending, rows));
    if (boundary.key && !lies_beyond(*boundary.key, range.upto, range.descending)) return boundary;
    boundary.key.reset();
    const std::vector<Seek> rest = seeks(selection.key, range, quote);
    if (tail == Tail::counted && !rest.empty()) {
        boundary.counted = count_rows(session, selection, rest.front(), Filtered::no);
    }
    return boundary;
}

}  // namespace

std::string key_list(const KeySpec& key) {
    std::string list;
    for (const ColumnDescription& column : key.columns) {
        if (!list.empty()) list += ", ";
        list += db::quote_name(column.name);
    }
    return list;
}

std::string select(const Selection& selection, std::string_view what, const std::string& seek, Filtered filtered) {
    std::string sql = "SELECT ";
    sql += what;
    sql += " FROM " + selection.from();
    const bool has_filter = filtered == Filtered::yes && !selection.filter.empty();
    if (!seek.empty() || has_filter) sql += " WHERE ";
    sql += seek;
    if (!seek.empty() && has_filter) sql += " AND ";
    // A line break, since the filter may end in a comment.
    if (has_filter) sql += "(" + selection.filter + "\n)";
    return sql;
}

std::uint64_t count_rows(db::Session& session, const Selection& selection, const Seek& seek, Filtered filtered) {
    const db::ResultSet result = session.query(select(selection, "COUNT(*)", seek.condition, filtered));
    return Value{ValueType::unsigned_integer, result.text(0, 0)}.view().as_unsigned();
}

std::optional<Key> query_key(db::Session& session, const Selection& selection, const std::string& statement) {
    const db::ResultSet result = session.query(statement);
    if (result.empty()) return {};
    Key key;
    for (std::size_t i = 0; i < selection.key.columns.size(); ++i) {
        key.emplace_back(selection.key.columns[i].type, result.text(0, i));
    }
    return key;
}

std::optional<Key> first_key(db::Session& session, const Selection& selection, const Range& range) {
    for (const Seek& seek : seeks(selection.key, range, quote_for(session))) {
        auto key = query_key(session, selection,
                             select(selection, key_list(selection.key), seek.condition, Filtered::no) +
                                 in_order(selection, seek, range.descending) + " LIMIT 1");
        if (key) return key;
    }
    return {};
}

Boundary find_boundary(db::Session& session, const Selection& selection, const Range& range, std::uint64_t rows,
                       Filtered filtered, Tail tail, const std::stop_token& stop) {
    throw_if_stopped(stop);
    const bool has_filter = filtered == Filtered::yes && !selection.filter.empty();
    if (selection.key.is_single_integer() && !has_filter && !range.upto.empty()) {
        return find_integer_boundary(session, selection, range, rows, tail);
    }
    Boundary boundary;
    const std::vector<Seek> parts = seeks(selection.key, range, quote_for(session));
    for (const Seek& seek : parts) {
        throw_if_stopped(stop);
        const std::uint64_t left = rows - boundary.counted;
        boundary.key = query_key(session, selection, boundary_query(selection, seek, filtered, range.descending, left));
        if (boundary.key) return boundary;
        if (&seek == &parts.back() && tail == Tail::not_counted) break;
        boundary.counted += count_rows(session, selection, seek, filtered);
        // Rows that came in between the two queries must not make the next one ask for none.
        boundary.counted = std::min(boundary.counted, rows - 1);
    }
    return boundary;
}

void throw_if_stopped(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error{ErrorKind::stopped, "stopped while reading the table"};
}

Quote quote_for(const db::Session& session) {
    return [&session](ValueView value) { return session.quote(value); };
}

}  // namespace rowmill::table
