#include "db/literal.hpp"

#include "db/session.hpp"

#include <cstddef>

namespace rowmill::db {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

/// The length of `[+-]digits` with an optional fraction; 0 where it is none.
std::size_t decimal_length(std::string_view text, bool fraction) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const std::size_t whole = skip_digits(text, at);
    std::size_t digits = whole - at;
    at = whole;
    if (fraction && at < text.size() && text[at] == '.') {
        const std::size_t end = skip_digits(text, at + 1);
        digits += end - at - 1;
        at = end;
    }
    return digits == 0 ? 0 : at;
}

bool is_integer(std::string_view text) {
    return !text.empty() && decimal_length(text, false) == text.size();
}

bool is_decimal(std::string_view text) {
    return !text.empty() && decimal_length(text, true) == text.size();
}

bool is_number(std::string_view text) {
    const std::size_t mantissa = decimal_length(text, true);
    if (mantissa == 0) return false;
    if (mantissa == text.size()) return true;
    return (text[mantissa] == 'e' || text[mantissa] == 'E') && is_integer(text.substr(mantissa + 1));
}

bool stands_bare(ValueView value) {
    switch (value.type()) {
        case ValueType::integer:
        case ValueType::unsigned_integer:
            return is_integer(value.text());
        case ValueType::decimal:
            return is_decimal(value.text());
        case ValueType::number:
            return is_number(value.text());
        default:
            return false;
    }
}

void append_hex(std::string& sql, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (bytes.empty()) {
        sql += "''";
        return;
    }
    sql += "x'";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        sql += digits[byte >> 4U];
        sql += digits[byte & 15U];
    }
    sql += '\'';
}

/// The character that follows the backslash, or 0 where the character stands for itself.
char escape_of(char c) {
    switch (c) {
        case '\0':
            return '0';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\x1a':
            return 'Z';
        case '\\':
            return '\\';
        case '\'':
            return '\'';
        default:
            return 0;
    }
}

void append_identifier(std::string& sql, std::string_view name) {
    sql += '`';
    for (const char c : name) {
        if (c == '`') sql += '`';
        sql += c;
    }
    sql += '`';
}

}  // namespace

void append_quoted(std::string& sql, std::string_view text, Backslash backslash) {
    sql.reserve(sql.size() + text.size() + 2);
    sql += '\'';
    for (const char c : text) {
        if (backslash == Backslash::escapes) {
            if (const char escape = escape_of(c)) {
                sql += '\\';
                sql += escape;
                continue;
            }
        } else if (c == '\'') {
            sql += '\'';
        }
        sql += c;
    }
    sql += '\'';
}

void append_literal(std::string& sql, ValueView value, Backslash backslash) {
    if (value.is_null()) {
        sql += "NULL";
    } else if (value.type() == ValueType::bytes) {
        append_hex(sql, value.text());
    } else if (stands_bare(value)) {
        sql += value.text();
    } else {
        append_quoted(sql, value.text(), backslash);
    }
}

std::string quote_name(std::string_view name) {
    std::string sql;
    append_identifier(sql, name);
    return sql;
}

std::string quote_name(std::string_view schema, std::string_view table) {
    std::string sql;
    append_identifier(sql, schema);
    sql += '.';
    append_identifier(sql, table);
    return sql;
}

}  // namespace rowmill::db
