#include "store/statements.hpp"

#include "sql/embedded.hpp"
#include "store/sql_template.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace rowmill::store {
namespace {

using Catalogue = std::map<std::string, SqlTemplate, std::less<>>;
using Kind = SqlTemplate::Kind;

Catalogue read_catalogue() {
    Catalogue catalogue;
    for (const sql::File& file : sql::statements()) {
        for (const auto& [name, text] : named_blocks(file.text)) {
            std::vector<SqlTemplate> statements = parse_sql(text);
            if (statements.size() != 1 || catalogue.contains(name)) {
                throw Error{ErrorKind::internal, "the statement " + std::string{name} + " is not there exactly once"};
            }
            catalogue.emplace(name, std::move(statements.front()));
        }
    }
    return catalogue;
}

const Catalogue& catalogue() {
    static const Catalogue all = read_catalogue();
    return all;
}

const SqlTemplate& find(std::string_view name) {
    const auto found = catalogue().find(name);
    if (found == catalogue().end()) throw Error{ErrorKind::internal, "no statement is named " + std::string{name}};
    return found->second;
}

struct WriteArgument {
    std::string& sql;
    const Dialect& dialect;

    void operator()(const Value& value) const { dialect.quote(sql, value); }
    void operator()(std::uint64_t number) const { sql += std::to_string(number); }
    void operator()(double number) const {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        sql.append(digits, end);
    }
    template <typename Element>
    void operator()(const std::vector<Element>& list) const {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (i > 0) sql += ", ";
            (*this)(list[i]);
        }
    }
};

const Argument& argument_of(std::string_view placeholder, std::string_view statement, Arguments arguments) {
    for (const auto& [name, argument] : arguments) {
        if (name == placeholder) return argument;
    }
    throw Error{ErrorKind::internal,
                "the statement " + std::string{statement} + " lacks a value for :" + std::string{placeholder}};
}

void collect_placeholders(std::vector<std::string>& names, const SqlTemplate& statement) {
    for (const SqlTemplate::Piece& piece : statement.pieces) {
        if (piece.kind == Kind::include) collect_placeholders(names, find(piece.text));
        if (piece.kind == Kind::placeholder && piece.text != "schema") names.push_back(piece.text);
    }
}

}  // namespace

void render_to(std::string& sql, std::string_view name, const Dialect& dialect, Arguments arguments) {
    for (const SqlTemplate::Piece& piece : find(name).pieces) {
        switch (piece.kind) {
            case Kind::text:
                sql += piece.text;
                break;
            case Kind::include:
                render_to(sql, piece.text, dialect, arguments);
                break;
            case Kind::placeholder:
                if (piece.text == "schema") {
                    sql += dialect.schema;
                } else {
                    std::visit(WriteArgument{sql, dialect}, argument_of(piece.text, name, arguments));
                }
                break;
        }
    }
}

std::string render(std::string_view name, const Dialect& dialect, Arguments arguments) {
    std::string sql;
    render_to(sql, name, dialect, arguments);
    return sql;
}

std::vector<std::string_view> statement_names() {
    std::vector<std::string_view> names;
    for (const auto& [name, statement] : catalogue()) names.push_back(name);
    return names;
}

std::vector<std::string> placeholders(std::string_view name) {
    std::vector<std::string> names;
    collect_placeholders(names, find(name));
    return names;
}

}  // namespace rowmill::store
