#include "table/sacks.hpp"

#include "table/boundary.hpp"
#include "table/comparison.hpp"
#include "table/stretch_estimate.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

constexpr int incorrect_value = 1525;

/// A word against a number column would compare as 0, on some servers without a warning.
void check_number(const Value& value, const std::string& column, const char* where) {
    try {
        switch (value.type()) {
            case ValueType::integer:
                value.view().as_integer();
                break;
            case ValueType::unsigned_integer:
                value.view().as_unsigned();
                break;
            case ValueType::decimal:
                value.view().as_number();
                break;
            default:
                break;
        }
    } catch (const Error& error) {
        throw Error{ErrorKind::usage, std::string{where} + " does not fit column " + column + ": " + error.what()};
    }
}

/// `from` or `to` as the job says it: leading columns may do.
Key leading_key(const KeySpec& key, const std::vector<std::string>& parts, const char* where) {
    if (parts.size() > key.columns.size()) {
        throw Error{ErrorKind::usage, std::string{where} + " names " + std::to_string(parts.size()) +
                                          " values, but the key has " + std::to_string(key.columns.size()) +
                                          " columns"};
    }
    Key leading;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        leading.emplace_back(key.columns[i].type, parts[i]);
        check_number(leading.back(), key.columns[i].name, where);
    }
    return leading;
}

/// The first key in the direction, from the limit on (with it or without it). The limit may be of leading columns only.
std::optional<Key> key_beyond(db::Session& session, const Selection& selection, Key limit, bool with_limit,
                              bool descending) {
    if (limit.empty()) return first_key(session, selection, {{}, {}, descending});
    KeySpec leading = selection.key;
    leading.columns.resize(limit.size());
    const Range range{with_limit ? including(std::move(limit)) : std::move(limit), {}, descending};
    for (const Seek& seek : seeks(leading, range, quote_for(session))) {
        auto key = query_key(session, selection,
                             select(selection, key_list(selection.key), seek.condition, Filtered::no) + " ORDER BY " +
                                 order_by(selection.key, descending, seek.fixed) + " LIMIT 1");
        if (key) return key;
    }
    return {};
}

/// Whether `key` lies after `limit` (of leading columns only, perhaps), which only the server can tell.
bool lies_after(db::Session& session, const Selection& selection, const Key& key, const Key& limit) {
    const Quote quote = quote_for(session);
    std::string sql = select(selection, "1", "", Filtered::no) + " WHERE ";
    const KeyLiterals literals{selection.key, key, quote};
    for (std::size_t i = 0; i < key.size(); ++i) sql += literals.compare(i, " = ") + " AND ";
    sql += "NOT " + KeyLiterals{selection.key, limit, quote}.not_beyond(0, " < ");
    return !session.query(sql + " LIMIT 1").empty();
}

/// What the server finds wrong with a key of the job's, it may say as a warning only.
void refuse_warnings(db::Session& session) {
    const std::vector<db::Warning> warnings = session.warnings();
    if (warnings.empty()) return;
    throw Error{ErrorKind::usage, "source.from or source.to is not a key of the table: " + warnings.front().message};
}

/// Reads a bound that the job gave. All else in these queries is ours: what the server can't read is the job's key.
std::optional<Key> given_key_beyond(db::Session& session, const Selection& selection, const Key& limit,
                                    bool descending) {
    try {
        auto key = key_beyond(session, selection, limit, true, descending);
        if (!limit.empty()) refuse_warnings(session);
        return key;
    } catch (const Error& error) {
        const bool is_conversion = error.server_code == incorrect_value || error.server_code == 1292 ||
                                   error.server_code == 1267 || error.server_code == 3854 || error.server_code == 1366;
        if (limit.empty() || !is_conversion) throw;
        Error blamed{ErrorKind::usage,
                     std::string{"source.from or source.to is not a key of the table: "} + error.what()};
        blamed.server_code = error.server_code;
        throw blamed;
    }
}

/// MySQL compares a zero date with an error, or as equal to nothing, unless the sql_mode allows such dates.
void refuse_unseen_dates(db::Session& session, const Selection& selection, const Key& key) {
    const bool has_zero_date = std::ranges::any_of(key, [](const Value& part) {
        const ValueType type = part.type();
        const bool is_date = type == ValueType::date || type == ValueType::datetime || type == ValueType::timestamp;
        return is_date && part.text().find("-00") != std::string::npos;
    });
    if (!has_zero_date) return;
    std::string condition;
    const KeyLiterals literals{selection.key, key, quote_for(session)};
    for (std::size_t i = 0; i < key.size(); ++i) condition += (i == 0 ? "" : " AND ") + literals.compare(i, " = ");
    bool seen = false;
    try {
        seen = !session.query(select(selection, "1", condition, Filtered::no)).empty();
    } catch (const Error& error) {
        if (error.server_code != incorrect_value) throw;
    }
    if (seen) return;
    throw Error{ErrorKind::refused,
                "the key " + display(key) + " of " + selection.table.quoted() +
                    " holds a zero date, which this session can't compare: set session.sql_mode to one "
                    "without NO_ZERO_DATE and NO_ZERO_IN_DATE"};
}

PlannedSack counted_sack(db::Session& session, const Selection& selection, const Key& after, const Key& upto,
                         std::uint64_t rows) {
    const Range rest{after, upto, selection.descending};
    const Boundary boundary = find_boundary(session, selection, rest, rows, Filtered::no, Tail::counted, std::stop_token{});
    if (boundary.key) return {after, *boundary.key, rows, true};
    return {after, upto, boundary.counted, true};
}

}  // namespace

Bounds read_bounds(db::Session& session, const Selection& selection, const std::vector<std::string>& from,
                   const std::vector<std::string>& to) {
    const Key lowest = leading_key(selection.key, from, "source.from");
    const Key highest = leading_key(selection.key, to, "source.to");
    const auto first = given_key_beyond(session, selection, lowest, false);
    const auto last = given_key_beyond(session, selection, highest, true);
    Bounds bounds;
    bounds.empty = !first || !last || (!from.empty() && !to.empty() && lies_after(session, selection, *first, highest));
    if (bounds.empty) return bounds;
    refuse_unseen_dates(session, selection, *first);
    bounds.first = selection.descending ? *last : *first;
    bounds.upto = selection.descending ? *first : *last;
    if (selection.descending) {
        bounds.after = including(*last);
    } else if (!from.empty()) {
        bounds.after = key_beyond(session, selection, lowest, false, true).value_or(Key{});
    }
    return bounds;
}

Bounds read_bounds_above(db::Session& session, const Selection& selection, const Key& above,
                         const std::vector<std::string>& to) {
    const Bounds nothing{.after = above, .upto = above, .first = {}, .empty = true};
    // The last key first: where it is gone by the time the others are looked at, the next run finds what lies below it.
    const auto last = given_key_beyond(session, selection, leading_key(selection.key, to, "source.to"), true);
    if (!last || !lies_after(session, selection, *last, above)) return nothing;
    refuse_unseen_dates(session, selection, *last);
    const auto first = first_key(session, selection, {above, *last, false});
    if (!first) return nothing;
    return {.after = above, .upto = *last, .first = *first, .empty = false};
}

std::uint64_t rows_per_sack(std::uint64_t most, std::uint64_t estimated_rows, unsigned workers) {
    constexpr std::uint64_t least = 5000;  // below that, claiming costs more than it evens out
    constexpr std::uint64_t sacks_per_worker = 16;
    const std::uint64_t even = estimated_rows / (std::max(1U, workers) * sacks_per_worker);
    return std::min(most, std::max(least, even));
}

std::vector<PlannedSack> walk_sacks(db::Session& session, const Selection& selection, const Bounds& bounds,
                                    Spacing spacing, std::size_t most, Walk& walk, Density& density) {
    std::vector<PlannedSack> sacks;
    StretchEstimate estimate{session, selection, bounds, spacing.rows, density};
    if (bounds.empty) walk.done = true;
    while (!walk.done && sacks.size() < most) {
        const Key& after = walk.position.empty() ? bounds.after : walk.position;
        auto sack = spacing.exact ? std::nullopt : estimate.next(after);
        if (!sack) {
            sack = counted_sack(session, selection, after, bounds.upto, spacing.rows);
            if (!spacing.exact) estimate.learn(*sack);
        }
        sacks.push_back(std::move(*sack));
        walk.position = sacks.back().upto;
        walk.done = walk.position == bounds.upto;
    }
    return sacks;
}

}  // namespace rowmill::table
