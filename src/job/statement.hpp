#pragma once

#include "job/sql_token.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A table as a statement names it, unquoted; the schema is empty where it names none.
struct TableName {
    std::string schema, table;

    friend bool operator==(const TableName&, const TableName&) = default;
};

/// A statement (or filter) of the job, cut at its placeholders. A `:name` inside a string literal, a
/// quoted identifier or a comment is text. Pure; knows SQL's tokens, not its grammar.
class Statement {
public:
    struct Part {
        bool is_placeholder = false;
        std::string text;  ///< SQL as written, or the placeholder's name without the colon
    };

    /// `where` names the place for errors ("action.statement", "--sql"). A `;` at the end, and blanks
    /// and comments there, are dropped. Throws Error{usage} for an empty text, an unterminated literal or comment,
    /// parentheses that do not match, a conditional comment, and for several statements in one (`;`).
    static Statement parse(std::string_view sql, std::string_view where);

    const std::vector<Part>& parts() const { return parts_; }
    bool uses(std::string_view placeholder) const;
    std::vector<std::string> placeholders() const;  ///< each once, in order of appearance
    /// The word that says what the statement does, in capitals: UPDATE, INSERT … Leading comments and
    /// parentheses, and a WITH clause, are looked through. Empty for a filter that begins otherwise.
    const std::string& verb() const { return verb_; }
    /// The whole statement, token by token.
    const std::vector<SqlToken>& lexemes() const { return lexemes_; }
    /// The words outside literals and comments: bare ones in capitals, quoted identifiers as written.
    const std::vector<std::string>& tokens() const { return tokens_; }

    /// Why this can't be part of an exactly-once transaction (DDL, LOCK TABLES, transaction control,
    /// CALL, SET autocommit …), and what to do; absent where it can.
    std::optional<std::string> breaks_exactly_once() const;
    /// The columns that an UPDATE or INSERT … ON DUPLICATE KEY UPDATE assigns, unquoted, without their table.
    std::vector<std::string> assigned_columns() const;
    /// The tables that an UPDATE, INSERT, REPLACE or DELETE may write. Where it names several (a join), all of
    /// them outside subqueries, aliases of a DELETE included.
    std::vector<TableName> written_tables() const;
    /// Where the statement is a single-table UPDATE or DELETE whose only use of row values is one
    /// `<key column> = :<key column>` for each column of the key, joined by AND at the top of its WHERE, and nothing in
    /// it depends on the order or the number of executions (no subquery, no user variable, no LIMIT, no ORDER BY, only
    /// functions known to be pure): the same statement with those conditions replaced by the placeholder `:batch`.
    /// Every other placeholder must be the same for all rows, which `is_constant` tells by name. Absent for any other
    /// statement.
    std::optional<Statement> as_batch(const std::vector<std::string>& key_columns,
                                      const std::function<bool(std::string_view)>& is_constant) const;
    /// The same for a key of one column and a statement without other placeholders.
    std::optional<Statement> as_batch(std::string_view key_column) const {
        return as_batch({std::string{key_column}}, [](std::string_view) { return false; });
    }

private:
    explicit Statement(std::vector<SqlToken> lexemes);

    std::vector<SqlToken> lexemes_;
    std::vector<Part> parts_;
    std::vector<std::string> tokens_;
    std::string verb_;
};

}  // namespace rowmill::job
