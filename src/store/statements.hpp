#pragma once

#include <rowmill/value.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rowmill::store {

/// What stands for a placeholder: a value, a number, or a list for `IN (…)`.
using Argument = std::variant<Value, std::uint64_t, double, std::vector<std::uint64_t>, std::vector<Value>>;
using Arguments = std::initializer_list<std::pair<std::string_view, Argument>>;

/// How a statement is written for one session and one schema.
struct Dialect {
    std::string schema;  ///< quoted
    std::function<void(std::string& sql, ValueView value)> quote;
};

/// The named statements of sql/statements, with every placeholder `:name` replaced; `:schema` is the dialect's.
/// `{name}` in a statement stands for another one. Throws Error{internal} for a name that does not exist and for a
/// placeholder without an argument. Thread-safe.
std::string render(std::string_view name, const Dialect& dialect, Arguments arguments = {});
void render_to(std::string& sql, std::string_view name, const Dialect& dialect, Arguments arguments = {});

/// All names, sorted; and the placeholders of one, in the order they appear, `schema` left out.
std::vector<std::string_view> statement_names();
std::vector<std::string> placeholders(std::string_view name);

}  // namespace rowmill::store
