#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rowmill::web {

class Markup;

/// How a value gets into markup: what is markup already as it is, numbers as they are written, every text escaped.
template <typename Value>
using Filled = std::conditional_t<std::is_arithmetic_v<Value>, Value, std::string>;

/// A piece of HTML. It is made of patterns that stand in the program and of values that are escaped on their way in, and in no other
/// way: so that a text which was not escaped does not compile.
class Markup {
public:
    Markup() = default;

    Markup& operator+=(const Markup& more) {
        text_ += more.text_;
        return *this;
    }
    friend Markup operator+(Markup left, const Markup& right) { return left += right; }
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }

private:
    template <typename... Values>
    friend Markup markup(fmt::format_string<Filled<Values>...> pattern, const Values&... values);

    std::string text_;
};

/// `&`, `<`, `>`, `"` and `'` as entities, bytes that are not UTF-8 and control characters as U+FFFD: for text and for quoted attributes.
std::string escaped(std::string_view text);

template <typename Value>
Filled<Value> shown(const Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) {
        return value;
    } else if constexpr (std::same_as<Value, Markup>) {
        return value.text();
    } else {
        return escaped(std::string_view{value});
    }
}

/// The pattern, fmt's, is markup; what is filled in is shown. Values of attributes are to be quoted in it.
template <typename... Values>
Markup markup(fmt::format_string<Filled<Values>...> pattern, const Values&... values) {
    Markup made;
    made.text_ = fmt::format(pattern, shown(values)...);
    return made;
}

/// Of each of `things` what `make` makes of it, one after the other.
template <typename Things, typename Make>
Markup each(const Things& things, Make make) {
    Markup all;
    for (const auto& thing : things) all += make(thing);
    return all;
}

/// A text as a part of a path: "a/b c" -> "a%2Fb%20c".
std::string path_part(std::string_view text);

}  // namespace rowmill::web
