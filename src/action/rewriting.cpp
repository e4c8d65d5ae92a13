#include "action/rewriting.hpp"

#include "action/placeholders.hpp"

#include <algorithm>
#include <cctype>

namespace rowmill::action {
namespace {

using job::Statement;

bool is_row_value(std::string_view placeholder, const Shape& shape) {
    const auto& reserved = reserved_placeholders();
    return std::find(reserved.begin(), reserved.end(), placeholder) == reserved.end() && shape.find(placeholder);
}

/// Only of the table itself is it known that the key finds at most one row, and that two rows of a batch find different
/// ones.
bool writes_only_the_table(const Statement& statement, const table::Selection& selection,
                           std::optional<std::string_view> source_schema) {
    if (!source_schema) return false;
    const std::vector<job::TableName> tables = statement.written_tables();
    if (tables.size() != 1 || tables[0].table != selection.table.name) return false;
    return tables[0].schema.empty() ? source_schema->empty() : tables[0].schema == selection.table.schema;
}

/// The statement with a number in the place of every row's value but one.
Statement keep_one_value(const Statement& statement, std::size_t kept, const Shape& shape) {
    std::string sql;
    for (std::size_t i = 0; i < statement.parts().size(); ++i) {
        const Statement::Part& part = statement.parts()[i];
        if (!part.is_placeholder)
            sql += part.text;
        else if (i != kept && is_row_value(part.text, shape))
            sql += " 0 ";
        else
            sql += ":" + part.text;
    }
    return Statement::parse(sql, "statement");
}

/// Whether the row is found by `column = :column`, whatever else its values are used for.
bool is_found_by(const Statement& statement, const std::string& column, const Shape& shape) {
    for (std::size_t kept = 0; kept < statement.parts().size(); ++kept) {
        const Statement::Part& part = statement.parts()[kept];
        if (!part.is_placeholder || !is_row_value(part.text, shape)) continue;
        const Statement only = keep_one_value(statement, kept, shape);
        if (only.as_batch({column}, [&](std::string_view name) { return !is_row_value(name, shape); })) return true;
    }
    return false;
}

/// Whether `:name` is a placeholder as a whole, and not a name with something behind it that SQL would read otherwise.
bool is_placeholder_name(std::string_view name) {
    return std::ranges::all_of(name, [](char c) {
        return c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
}

/// The statement with the one row `:key` in the place of a batch that is found by its keys; what uses a batch otherwise stays.
Statement for_one_row(const Statement& statement, const std::string& key) {
    std::vector<const job::SqlToken*> tokens;
    for (const job::SqlToken& token : statement.lexemes())
        if (token.is_significant()) tokens.push_back(&token);
    const auto is_placeholder = [&](std::size_t at, std::string_view name) {
        return at < tokens.size() && tokens[at]->kind == job::SqlToken::Kind::placeholder && tokens[at]->name() == name;
    };
    const auto is_whole_batch = [&](std::size_t at) { return is_placeholder(at, "batch") || is_placeholder(at, "range"); };
    const auto is_word = [&](std::size_t at, std::string_view word) { return at < tokens.size() && tokens[at]->is_word(word); };
    const auto is_symbol = [&](std::size_t at, std::string_view symbol) {
        return at < tokens.size() && tokens[at]->is_symbol(symbol);
    };
    const std::string equal = " = :" + key + " ";
    std::string sql;
    for (std::size_t at = 0; at < tokens.size();) {
        const bool is_list = is_word(at, "IN") && is_symbol(at + 1, "(") && is_placeholder(at + 2, "ids") && is_symbol(at + 3, ")");
        const bool is_between =
            is_word(at, "BETWEEN") && is_placeholder(at + 1, "lo") && is_word(at + 2, "AND") && is_placeholder(at + 3, "hi");
        const bool is_in_parentheses = is_symbol(at, "(") && is_whole_batch(at + 1) && is_symbol(at + 2, ")");
        if (is_list || is_between) {
            sql += equal;
            at += 4;
        } else if (is_in_parentheses || is_whole_batch(at)) {
            sql += " " + db::quote_name(key) + equal;
            at += is_in_parentheses ? 3 : 1;
        } else {
            sql += " " + tokens[at]->text;
            ++at;
        }
    }
    return Statement::parse(sql, "statement");
}

bool has_token(const Statement& statement, std::string_view token) {
    return std::find(statement.tokens().begin(), statement.tokens().end(), token) != statement.tokens().end();
}

}  // namespace

std::optional<Statement> as_batch(const Statement& statement, const table::Selection& selection,
                                  std::optional<std::string_view> source_schema) {
    if (!writes_only_the_table(statement, selection, source_schema)) return std::nullopt;
    std::vector<std::string> key;
    for (const table::ColumnDescription& column : selection.key.columns) key.push_back(column.name);
    return statement.as_batch(key, [&](std::string_view name) { return !is_row_value(name, *selection.shape); });
}

bool finds_rows_by_key(const Statement& statement, const table::Selection& selection,
                       std::optional<std::string_view> source_schema) {
    if (selection.key.columns.size() != 1 || !is_placeholder_name(selection.key.columns[0].name)) return false;
    const Statement one_row = for_one_row(statement, selection.key.columns[0].name);
    for (const char* of_batch : {"batch", "range", "ids", "lo", "hi"})
        if (one_row.uses(of_batch)) return false;
    return as_batch(one_row, selection, source_schema).has_value();
}

bool changes_one_row_each(const Statement& statement, const table::Selection& selection,
                          std::optional<std::string_view> source_schema) {
    if (statement.verb() == "INSERT" || statement.verb() == "REPLACE") {
        for (const std::string_view token : {"SELECT", "IGNORE", "RETURNING", "TABLE"})
            if (has_token(statement, token)) return false;
        return true;
    }
    if (!writes_only_the_table(statement, selection, source_schema)) return false;
    return std::all_of(selection.key.columns.begin(), selection.key.columns.end(),
                       [&](const auto& column) { return is_found_by(statement, column.name, *selection.shape); });
}

}  // namespace rowmill::action
