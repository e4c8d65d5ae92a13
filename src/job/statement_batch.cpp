#include "job/pure_words.hpp"
#include "job/sql_phrase.hpp"
#include "job/statement.hpp"

#include <algorithm>

namespace rowmill::job {

namespace {

/// Whether one execution for many rows is the same as one for each: no subquery, variable, order, limit, or unknown
/// function.
bool is_free_of_order(const SqlPhrase& phrase) {
    for (std::size_t i = 0; i < phrase.size(); ++i) {
        const SqlToken& token = phrase[i];
        if (token.kind == SqlToken::Kind::variable || token.is_symbol(":=")) return false;
        if (phrase.is_word(i,
                           {"SELECT",  "TABLE",         "VALUES",   "WITH",    "LIMIT",        "ORDER",   "RETURNING",
                            "JOIN",    "STRAIGHT_JOIN", "USING",    "IGNORE",  "LOW_PRIORITY", "QUICK",   "PARTITION",
                            "PORTION", "NEXT",          "PREVIOUS", "NEXTVAL", "CURRVAL",      "LASTVAL", "ROWNUM"})) {
            return false;
        }
        if (i == 0 || !token.is_symbol("(")) continue;
        const SqlToken& before = phrase[i - 1];
        const bool called = before.kind == SqlToken::Kind::word || before.kind == SqlToken::Kind::quoted;
        if (called && (before.kind == SqlToken::Kind::quoted || phrase.is_symbol(i - 2, ".") ||
                       !is_pure_word(to_upper(before.text)))) {
            return false;
        }
    }
    return true;
}

/// The one table of the statement, as its columns may be qualified.
struct Target {
    std::vector<std::string> qualifiers;  ///< "t", or "db" and "t", or the alias alone
    std::size_t end = 0;                  ///< the position behind it
};

std::optional<Target> read_target(const SqlPhrase& phrase) {
    std::size_t position = 1;
    if (phrase.is_word(0, {"DELETE"}) && !phrase.is_word(position++, {"FROM"})) return std::nullopt;
    Target target;
    if (!phrase.is_name(position)) return std::nullopt;
    target.qualifiers.push_back(phrase[position++].name());
    if (phrase.is_symbol(position, ".")) {
        if (!phrase.is_name(position + 1)) return std::nullopt;
        target.qualifiers.push_back(phrase[position + 1].name());
        position += 2;
    }
    const bool named = phrase.is_word(position, {"AS"});
    if (named) ++position;
    if (phrase.is_name(position) && !phrase.is_word(position, {"SET", "WHERE"})) {
        target.qualifiers = {phrase[position++].name()};
    } else if (named) {
        return std::nullopt;
    }
    target.end = position;
    return target;
}

/// A stretch of positions, the end not included.
struct Stretch {
    std::size_t begin, end;

    std::size_t size() const { return end - begin; }
};

/// The conditions that AND joins at the top of the WHERE; none where anything else joins them.
std::vector<Stretch> top_conditions(const SqlPhrase& phrase, std::size_t where) {
    std::vector<Stretch> conditions;
    Stretch current{where + 1, where + 1};
    bool in_between = false;
    for (std::size_t i = where + 1; i < phrase.size(); ++i) {
        if (phrase.depth(i) > 0) continue;
        if (phrase.is_word(i, {"OR", "XOR", "CASE"}) || phrase.is_symbol(i, "||") || phrase.is_symbol(i, "&&"))
            return {};
        if (phrase.is_word(i, {"BETWEEN"})) in_between = true;
        if (!phrase.is_word(i, {"AND"})) continue;
        if (in_between) {
            in_between = false;
            continue;
        }
        current.end = i;
        conditions.push_back(current);
        current.begin = i + 1;
    }
    current.end = phrase.size();
    conditions.push_back(current);
    return conditions;
}

/// Whether the positions hold `column`, `t.column` or `db.t.column`, of this table.
bool names_column(const SqlPhrase& phrase, Stretch at, std::string_view column, const Target& target) {
    const std::size_t qualifiers = (at.size() - 1) / 2;
    if (at.size() % 2 == 0 || qualifiers > target.qualifiers.size()) return false;
    const std::size_t skipped = target.qualifiers.size() - qualifiers;
    for (std::size_t i = 0; i < qualifiers; ++i) {
        const std::size_t position = at.begin + 2 * i;
        if (!phrase.is_name(position) || !phrase.is_symbol(position + 1, ".")) return false;
        if (!same_name(phrase[position].name(), target.qualifiers[skipped + i])) return false;
    }
    const SqlToken& name = phrase[at.end - 1];
    const bool identifier = name.kind == SqlToken::Kind::word || name.kind == SqlToken::Kind::quoted;
    return identifier && same_name(name.name(), column);
}

/// Whether a condition is `column = :column`, either way round.
bool compares(const SqlPhrase& phrase, Stretch condition, std::string_view column, const Target& target) {
    const auto holds = [&](std::size_t position) {
        return phrase[position].kind == SqlToken::Kind::placeholder && same_name(phrase[position].name(), column);
    };
    if (condition.size() < 3) return false;
    const auto [begin, end] = condition;
    if (holds(end - 1) && phrase.is_symbol(end - 2, "=")) return names_column(phrase, {begin, end - 2}, column, target);
    if (holds(begin) && phrase.is_symbol(begin + 1, "=")) return names_column(phrase, {begin + 2, end}, column, target);
    return false;
}

std::size_t count_of_rows_values(const SqlPhrase& phrase, const std::function<bool(std::string_view)>& is_constant) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < phrase.size(); ++i) {
        if (phrase[i].kind == SqlToken::Kind::placeholder && !is_constant(phrase[i].name())) ++count;
    }
    return count;
}

}  // namespace

std::optional<Statement> Statement::as_batch(const std::vector<std::string>& key_columns,
                                             const std::function<bool(std::string_view)>& is_constant) const {
    const SqlPhrase phrase{lexemes_};
    if (key_columns.empty() || !phrase.is_word(0, {"UPDATE", "DELETE"}) || !is_free_of_order(phrase))
        return std::nullopt;
    const std::optional<Target> target = read_target(phrase);
    const std::size_t where = phrase.find(0, {"WHERE"});
    const bool plain = target && (verb_ == "UPDATE" ? phrase.is_word(target->end, {"SET"}) : target->end == where);
    if (!plain || where == phrase.size() || count_of_rows_values(phrase, is_constant) != key_columns.size())
        return std::nullopt;

    const std::vector<Stretch> conditions = top_conditions(phrase, where);
    std::vector<SqlToken> rewritten = lexemes_;
    for (std::size_t i = 0; i < key_columns.size(); ++i) {
        const auto found = std::ranges::find_if(
            conditions, [&](const Stretch& condition) { return compares(phrase, condition, key_columns[i], *target); });
        if (found == conditions.end()) return std::nullopt;
        const std::size_t first = phrase.index(found->begin);
        const std::size_t last = phrase.index(found->end - 1);
        for (std::size_t at = first; at <= last; ++at) rewritten[at] = {};
        rewritten[first] = {SqlToken::Kind::symbol, "("};
        rewritten[first + 1] =
            i == 0 ? SqlToken{SqlToken::Kind::placeholder, ":batch"} : SqlToken{SqlToken::Kind::word, "TRUE"};
        rewritten[last] = {SqlToken::Kind::symbol, ")"};
    }
    return Statement{std::move(rewritten)};
}

}  // namespace rowmill::job
