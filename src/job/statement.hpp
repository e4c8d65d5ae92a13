#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A statement (or filter) of the job, cut at its placeholders. A `:name` inside a string literal, a
/// quoted identifier or a comment is text. Pure; knows SQL's tokens, not its grammar.
class Statement {
public:
    struct Part {
        bool is_placeholder = false;
        std::string text;  ///< SQL as written, or the placeholder's name without the colon
    };

    /// `where` names the place for errors ("action.statement", "--sql"). Throws Error{usage} for an
    /// empty text, an unterminated literal or comment, and for several statements in one (`;`).
    static Statement parse(std::string_view sql, std::string_view where);

    const std::vector<Part>& parts() const { return parts_; }
    bool uses(std::string_view placeholder) const;
    std::vector<std::string> placeholders() const;  ///< each once, in order of appearance
    /// The statement's first word in capitals: UPDATE, INSERT, WITH …
    const std::string& verb() const { return verb_; }
    /// The words outside literals and comments, identifiers as written, keywords in capitals.
    const std::vector<std::string>& tokens() const { return tokens_; }

    /// Why this can't be part of an exactly-once transaction (DDL, LOCK TABLES, transaction control,
    /// CALL, SET autocommit …); absent where it can.
    std::optional<std::string> breaks_exactly_once() const;
    /// The columns that an UPDATE or INSERT … ON DUPLICATE KEY UPDATE assigns, unquoted, without their table.
    std::vector<std::string> assigned_columns() const;
    /// Where the statement is a single-table UPDATE or DELETE whose only use of row values is one
    /// `<key column> = :<key column>` joined by AND at the top of its WHERE, and nothing in it depends on the order
    /// or the number of executions (no subquery, no user variable, no LIMIT, no ORDER BY …): the same
    /// statement with that condition replaced by the placeholder `:batch`. Absent for any other.
    std::optional<Statement> as_batch(std::string_view key_column) const;

private:
    std::vector<Part> parts_;
    std::vector<std::string> tokens_;
    std::string verb_;
};

}  // namespace rowmill::job
