#include "db/setup.hpp"

#include "db/literal.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace rowmill::db {
namespace {

/// Before any setting changes sql_mode, the session still has the server's: quote so that both read it alike.
std::string portable_literal(const std::string& text, const std::string& name) {
    if (text.find('\\') != std::string::npos || text.find('\0') != std::string::npos) {
        throw Error{ErrorKind::usage, "session." + name + ": a backslash or a zero byte cannot be set"};
    }
    std::string sql;
    append_quoted(sql, text, Backslash::is_a_character);
    return sql;
}

bool is_variable_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && (name[0] < '0' || name[0] > '9') && std::all_of(name.begin(), name.end(), allowed);
}

std::string value_literal(const std::string& name, const std::string& text) {
    const bool number = !text.empty() && text.size() < 20 &&
                        std::all_of(text.begin() + (text[0] == '-' && text.size() > 1 ? 1 : 0), text.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    return number ? text : portable_literal(text, name);
}

std::string isolation_level(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
        if (c == '-' || c == '_') c = ' ';
    }
    constexpr std::array<std::string_view, 4> levels = {"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ",
                                                        "SERIALIZABLE"};
    if (std::find(levels.begin(), levels.end(), text) == levels.end()) {
        throw Error{ErrorKind::usage,
                    "session.isolation: \"" + text +
                        "\" is none of READ UNCOMMITTED, READ COMMITTED, REPEATABLE READ, SERIALIZABLE"};
    }
    return text;
}

}  // namespace

std::vector<std::string> setup_statements(const SessionSettings& settings) {
    // A select limit would end a page early and look like the end of the table; a completion type of CHAIN would
    // open a transaction behind every COMMIT.
    std::vector<std::string> statements = {
        "SET NAMES utf8mb4",
        "SET SESSION autocommit = 1, completion_type = 0, sql_select_limit = 18446744073709551615, "
        "sql_auto_is_null = 0, wait_timeout = 28800, net_write_timeout = CAST(GREATEST(60, "
        "@@SESSION.net_write_timeout) AS UNSIGNED)"};
    const auto set = [&](const std::string& name, const std::string& literal) {
        statements.push_back("SET SESSION " + name + " = " + literal);
    };
    if (settings.isolation) {
        statements.push_back("SET SESSION TRANSACTION ISOLATION LEVEL " + isolation_level(*settings.isolation));
    }
    if (settings.time_zone) set("time_zone", portable_literal(*settings.time_zone, "time_zone"));
    if (settings.sql_mode) set("sql_mode", portable_literal(*settings.sql_mode, "sql_mode"));
    if (settings.lock_wait_timeout) set("lock_wait_timeout", std::to_string(settings.lock_wait_timeout->count()));
    if (settings.innodb_lock_wait_timeout) {
        set("innodb_lock_wait_timeout", std::to_string(settings.innodb_lock_wait_timeout->count()));
    }
    if (settings.read_only) statements.emplace_back("SET SESSION TRANSACTION READ ONLY");
    for (const auto& [name, text] : settings.set) {
        if (!is_variable_name(name)) {
            throw Error{ErrorKind::usage, "session.set: \"" + name + "\" is not the name of a variable"};
        }
        set(name, value_literal(name, text));
    }
    return statements;
}

}  // namespace rowmill::db
