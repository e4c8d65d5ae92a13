#include "job/sql_phrase.hpp"
#include "job/statement.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace rowmill::job {

namespace {

constexpr std::string_view override_hint = "at_least_once = true lets it run without the exactly-once promise";

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
    return std::ranges::find(verbs, verb) != verbs.end();
}

/// SET @a = …, @b = …: variables of the session, which no transaction has to roll back.
bool sets_user_variables_only(const SqlPhrase& phrase, std::size_t set) {
    bool target = true;
    for (std::size_t i = set + 1; i < phrase.size(); ++i) {
        if (phrase.depth(i) > 0) continue;
        const SqlToken& token = phrase[i];
        if (target && (token.kind != SqlToken::Kind::variable || token.text.starts_with("@@"))) return false;
        target = token.is_symbol(",");
    }
    return true;
}

bool writes_a_file(const SqlPhrase& phrase) {
    for (std::size_t i = 0; i < phrase.size(); ++i) {
        if (phrase.is_word(i, {"INTO"}) && phrase.is_word(i + 1, {"OUTFILE", "DUMPFILE"})) return true;
    }
    return false;
}

std::string objection_to(const std::string& verb) {
    if (is_one_of(verb, {"START", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA"})) {
        return verb +
               " controls the transaction, which rowmill does itself so that a batch and its checkpoint commit as one. "
               "Leave it out";
    }
    if (verb == "CALL") return "a procedure that is CALLed may commit. Write its statements out";
    if (verb == "SET") return "SET changes the session behind rowmill's back. Name the setting under [session]";
    if (is_one_of(verb, {"LOCK", "UNLOCK"}))
        return verb + " TABLES commits the transaction. Leave it out; rows are locked by lock = true";
    if (is_one_of(verb, {"CREATE", "DROP", "ALTER", "TRUNCATE", "RENAME", "ANALYZE", "OPTIMIZE", "REPAIR", "CHECK",
                         "GRANT", "REVOKE", "FLUSH", "RESET", "INSTALL", "UNINSTALL", "CACHE"})) {
        return verb + " commits the transaction, or is not undone by its rollback. Run it once, outside of the job";
    }
    if (is_one_of(verb, {"PREPARE", "EXECUTE", "DEALLOCATE"})) {
        return verb + " runs text that rowmill can't see. Write the statement out";
    }
    if (verb == "LOAD") return "LOAD DATA reads the same file for each batch. Load it once, outside of the job";
    if (verb == "DO") return "DO has effects that are not rolled back. Leave it out";
    return (verb.empty() ? std::string{"this"} : verb) +
           " is no statement that works on rows inside a transaction (UPDATE, INSERT, REPLACE, DELETE, SELECT)";
}

/// The last name in front of the first `=` between two positions: `t.a` of `t.a = …`.
std::string target_name(const SqlPhrase& phrase, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        if (phrase.is_symbol(i, "=") || phrase.is_symbol(i, ":=")) return i > begin ? phrase[i - 1].name() : "";
    }
    return {};
}

/// The targets of `a = …, t.b = …` between two positions, split at the commas outside of parentheses.
std::vector<std::string> targets(const SqlPhrase& phrase, std::size_t begin, std::size_t end) {
    std::vector<std::string> names;
    for (std::size_t first = begin; first < end;) {
        std::size_t comma = first;
        while (comma < end && !(phrase.depth(comma) == 0 && phrase.is_symbol(comma, ","))) ++comma;
        if (std::string name = target_name(phrase, first, comma); !name.empty()) names.push_back(std::move(name));
        first = comma + 1;
    }
    return names;
}

/// Reads `table` or `schema.table` and moves behind it; `schema.*` and `table.*` are the name before the dot.
TableName read_table(const SqlPhrase& phrase, std::size_t& position) {
    TableName name{{}, phrase[position++].name()};
    if (!phrase.is_symbol(position, ".")) return name;
    if (phrase.is_name(position + 1)) {
        name = {name.table, phrase[position + 1].name()};
    }
    position += 2;
    if (phrase.is_symbol(position, ".") && phrase.is_symbol(position + 1, "*")) position += 2;
    return name;
}

/// Collects the tables of a list of table references (`a JOIN (b, c) ON …`), subqueries and functions left out.
std::vector<TableName> referenced_tables(const SqlPhrase& phrase, std::size_t begin, std::size_t end) {
    std::vector<TableName> tables;
    std::set<std::size_t> list_depths{0};  // where a comma separates tables, not columns or arguments
    bool expected = true;
    for (std::size_t i = begin; i < end;) {
        if (expected && phrase.is_symbol(i, "(")) {
            expected = !phrase.is_word(i + 1, {"SELECT", "WITH", "VALUES", "TABLE"});
            if (expected) list_depths.insert(phrase.depth(i) + 1);
            ++i;
        } else if (expected && phrase.is_name(i) && !phrase.is_word(i, {"LATERAL"})) {
            TableName table = read_table(phrase, i);
            if (!phrase.is_symbol(i, "(")) tables.push_back(std::move(table));
            expected = false;
        } else {
            if (phrase.is_symbol(i, ")")) list_depths.erase(phrase.depth(i) + 1);
            const bool in_list = list_depths.contains(phrase.depth(i));
            expected = in_list && (phrase.is_symbol(i, ",") || phrase.is_word(i, {"JOIN", "STRAIGHT_JOIN", "FROM"}) ||
                                   (phrase.is_word(i, {"USING"}) && !phrase.is_symbol(i + 1, "(")));
            ++i;
        }
    }
    return tables;
}

std::size_t skip_modifiers(const SqlPhrase& phrase, std::size_t position) {
    while (phrase.is_word(position, {"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM"}))
        ++position;
    return position;
}

}  // namespace

std::optional<std::string> Statement::breaks_exactly_once() const {
    const SqlPhrase phrase{lexemes_};
    std::string objection;
    if (is_one_of(verb_, {"UPDATE", "INSERT", "REPLACE", "DELETE", "SELECT", "TABLE", "VALUES"})) {
        if (!writes_a_file(phrase)) return std::nullopt;
        objection = "a file that is written INTO OUTFILE is not undone by a rollback. Leave it out";
    } else if (verb_ == "SET" && sets_user_variables_only(phrase, phrase.verb())) {
        return std::nullopt;
    } else {
        objection = objection_to(verb_);
    }
    return objection + "; " + std::string{override_hint};
}

std::vector<std::string> Statement::assigned_columns() const {
    const SqlPhrase phrase{lexemes_};
    const std::size_t verb = phrase.verb();
    if (verb_ == "UPDATE") {
        const std::size_t set = phrase.find(verb, {"SET"});
        return targets(phrase, set + 1, phrase.find(set, {"WHERE", "ORDER", "LIMIT", "RETURNING"}));
    }
    if (verb_ != "INSERT") return {};
    for (std::size_t key = phrase.find(verb, {"KEY"}); key < phrase.size(); key = phrase.find(key + 1, {"KEY"})) {
        if (phrase.is_word(key - 1, {"DUPLICATE"}) && phrase.is_word(key + 1, {"UPDATE"})) {
            return targets(phrase, key + 2, phrase.find(key, {"RETURNING"}));
        }
    }
    return {};
}

std::vector<TableName> Statement::written_tables() const {
    const SqlPhrase phrase{lexemes_};
    const std::size_t verb = phrase.verb();
    std::size_t first = skip_modifiers(phrase, verb + 1);
    if (verb_ == "INSERT" || verb_ == "REPLACE") {
        if (!phrase.is_name(first)) return {};
        return {read_table(phrase, first)};
    }
    if (verb_ == "UPDATE") return referenced_tables(phrase, first, phrase.find(verb, {"SET"}));
    if (verb_ == "DELETE") {
        return referenced_tables(phrase, first, phrase.find(verb, {"WHERE", "ORDER", "LIMIT", "RETURNING"}));
    }
    return {};
}

}  // namespace rowmill::job
