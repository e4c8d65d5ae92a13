#include "job/param_value.hpp"

#include "job/sql_token.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace rowmill::job {

namespace {

template <typename Number>
std::optional<Number> whole(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// The value, or nothing where the text is not of the type.
std::optional<Value> integer_value(std::string_view text) {
    if (const auto number = whole<std::int64_t>(text)) return Value::integer(*number);
    if (const auto number = whole<std::uint64_t>(text)) return Value::unsigned_integer(*number);
    return std::nullopt;
}

/// A decimal fraction stays exact, as text; only an exponent makes a floating-point number of it.
std::optional<Value> number_value(std::string_view text) {
    const std::optional<double> number = whole<double>(text);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    const bool decimal = text.find_first_not_of("-0123456789.") == std::string_view::npos;
    return Value{decimal ? ValueType::decimal : ValueType::number, std::string{text}};
}

std::optional<Value> boolean_value(std::string_view text) {
    const std::string word = to_upper(text);
    if (word == "TRUE" || word == "YES" || word == "1") return Value::integer(1);
    if (word == "FALSE" || word == "NO" || word == "0") return Value::integer(0);
    return std::nullopt;
}

std::optional<Value> date_value(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = whole<unsigned>(text.substr(0, 4));
    const auto month = whole<unsigned>(text.substr(5, 2));
    const auto day = whole<unsigned>(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                                           std::chrono::day{*day}};
    if (*year == 0 || !date.ok()) return std::nullopt;
    return Value{ValueType::date, std::string{text}};
}

std::optional<Value> typed(const ParamSpec& spec, std::string_view text) {
    switch (spec.type) {
        case ParamSpec::Type::integer:
            return integer_value(text);
        case ParamSpec::Type::number:
            return number_value(text);
        case ParamSpec::Type::boolean:
            return boolean_value(text);
        case ParamSpec::Type::date:
            return date_value(text);
        case ParamSpec::Type::choice:
            if (std::ranges::find(spec.choices, text) == spec.choices.end()) return std::nullopt;
            return Value::text(std::string{text});
        case ParamSpec::Type::string:
            return Value::text(std::string{text});
    }
    return std::nullopt;
}

std::string expectation(const ParamSpec& spec) {
    switch (spec.type) {
        case ParamSpec::Type::integer:
            return "an integer";
        case ParamSpec::Type::number:
            return "a number";
        case ParamSpec::Type::boolean:
            return "true or false";
        case ParamSpec::Type::date:
            return "a date of the calendar, written 2024-12-31";
        case ParamSpec::Type::choice:
            return join_quoted(spec.choices, " or ");
        case ParamSpec::Type::string:
            break;
    }
    return "a text";
}

std::string bound_text(double bound) {
    std::string text = std::to_string(bound);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

std::string_view name_of(ParamSpec::Type type) {
    switch (type) {
        case ParamSpec::Type::integer:
            return "integer";
        case ParamSpec::Type::number:
            return "number";
        case ParamSpec::Type::string:
            return "string";
        case ParamSpec::Type::boolean:
            return "boolean";
        case ParamSpec::Type::date:
            return "date";
        case ParamSpec::Type::choice:
            return "choice";
    }
    return "unknown";
}

Value parse_param_value(const ParamSpec& spec, std::string_view text, std::string_view where) {
    const auto refuse = [&](const std::string& expected) {
        const std::string shown = spec.secret ? "what was given" : display(ValueView{ValueType::text, text});
        throw Error{ErrorKind::usage, std::string{where} + " must be " + expected + ", not " + shown};
    };
    std::optional<Value> value = typed(spec, text);
    if (!value) refuse(expectation(spec));
    if (spec.min && value->view().as_number() < *spec.min) refuse(bound_text(*spec.min) + " or more");
    if (spec.max && value->view().as_number() > *spec.max) refuse(bound_text(*spec.max) + " or less");
    return *std::move(value);
}

}  // namespace rowmill::job
