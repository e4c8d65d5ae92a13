#pragma once

#include "job/statement.hpp"

#include <string>
#include <string_view>

namespace rowmill::action {

/// Appends what a placeholder stands for, apart from what is before it: with a negative number, `1 -:n` must not become
/// `--`.
inline void append_apart(std::string& sql, std::string_view value) {
    if (!sql.empty() && sql.back() != ' ' && sql.back() != '(') sql += ' ';
    sql += value;
}

/// Appends text of the statement: `:a'b'` must not become one string.
inline void append_text(std::string& sql, std::string_view text, bool after_placeholder) {
    const bool quoted = !text.empty() && (text[0] == '\'' || text[0] == '"' || text[0] == '`');
    if (after_placeholder && quoted) sql += ' ';
    sql += text;
}

/// Writes a statement, asking `value` for what each placeholder stands for.
template <typename ValueOf>
std::string fill(const job::Statement& statement, const ValueOf& value) {
    std::string sql;
    bool after_placeholder = false;
    for (const job::Statement::Part& part : statement.parts()) {
        if (part.is_placeholder)
            append_apart(sql, value(part.text));
        else
            append_text(sql, part.text, after_placeholder);
        after_placeholder = part.is_placeholder;
    }
    return sql;
}

}  // namespace rowmill::action
