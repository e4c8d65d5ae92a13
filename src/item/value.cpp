#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <charconv>

namespace rowmill {

namespace {

/// The whole text as a number, or an Error{usage} that says what was expected.
template <typename Number>
Number parse_whole(ValueView value, std::string_view expected) {
    if (value.is_null()) throw Error{ErrorKind::usage, "NULL is not " + std::string{expected}};
    Number number{};
    const std::string_view text = value.text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) {
        throw Error{ErrorKind::usage, display(value) + " is out of range for " + std::string{expected}};
    }
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw Error{ErrorKind::usage, display(value) + " is not " + std::string{expected}};
    }
    return number;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 0x0F];
    }
    return text;
}

/// Control characters are spelt out: a key that is printed must not be able to drive the terminal.
std::string quoted(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\'') {
            literal += "''";
        } else if (c == '\\') {
            literal += "\\\\";
        } else if (c == '\n') {
            literal += "\\n";
        } else if (c == '\t') {
            literal += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            literal += "\\x" + hex({&c, 1}).substr(2);
        } else {
            literal += c;
        }
    }
    return literal + "'";
}

}  // namespace

std::string_view name_of(ValueType type) {
    switch (type) {
        case ValueType::null:
            return "null";
        case ValueType::integer:
            return "integer";
        case ValueType::unsigned_integer:
            return "unsigned";
        case ValueType::decimal:
            return "decimal";
        case ValueType::number:
            return "number";
        case ValueType::text:
            return "text";
        case ValueType::bytes:
            return "bytes";
        case ValueType::date:
            return "date";
        case ValueType::datetime:
            return "datetime";
        case ValueType::timestamp:
            return "timestamp";
        case ValueType::time:
            return "time";
        case ValueType::uuid:
            return "uuid";
        case ValueType::inet:
            return "inet";
    }
    return "unknown";
}

std::int64_t ValueView::as_integer() const {
    return parse_whole<std::int64_t>(*this, "a signed 64-bit integer");
}

std::uint64_t ValueView::as_unsigned() const {
    return parse_whole<std::uint64_t>(*this, "an unsigned 64-bit integer");
}

double ValueView::as_number() const {
    return parse_whole<double>(*this, "a number");
}

bool ValueView::as_boolean() const {
    return !is_null() && !text_.empty() && text_ != "0";
}

std::string display(ValueView value) {
    switch (value.type()) {
        case ValueType::null:
            return "NULL";
        case ValueType::integer:
        case ValueType::unsigned_integer:
        case ValueType::decimal:
        case ValueType::number:
            return value.as_string();
        case ValueType::bytes:
            return hex(value.text());
        default:
            return quoted(value.text());
    }
}

std::string display(const Key& key) {
    if (key.size() == 1) return display(key.front().view());
    std::string text = "(";
    for (const Value& part : key) text += (text.size() > 1 ? ", " : "") + display(part.view());
    return text + ")";
}

}  // namespace rowmill
