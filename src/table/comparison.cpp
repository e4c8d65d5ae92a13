#include "table/comparison.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace rowmill::table {
namespace {

template <typename Integer>
bool follows(ValueView lower, ValueView upper) {
    const auto parse = [](ValueView value) -> std::optional<Integer> {
        const std::string_view text = value.text();
        Integer number{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size()) return {};
        return number;
    };
    const std::optional<Integer> low = parse(lower), high = parse(upper);
    return low && high && *low < *high && *low + 1 == *high;
}

}  // namespace

bool bytes_tell_keys_apart(const ColumnDescription& column) {
    return column.type != ValueType::text;
}

Key including(Key key) {
    key.emplace_back();
    return key;
}

bool includes_itself(const KeySpec& key, const Key& bound) {
    return bound.size() > key.columns.size() && bound.back().is_null();
}

bool lies_beyond(const Key& key, const Key& limit, bool descending) {
    const ValueView mine = key.front(), other = limit.front();
    if (mine.type() == ValueType::unsigned_integer) {
        return descending ? mine.as_unsigned() < other.as_unsigned() : mine.as_unsigned() > other.as_unsigned();
    }
    return descending ? mine.as_integer() < other.as_integer() : mine.as_integer() > other.as_integer();
}

bool are_adjacent(ValueView after, ValueView upto, bool descending) {
    if (descending) std::swap(after, upto);
    if (after.type() != upto.type()) return false;
    if (after.type() == ValueType::integer) return follows<std::int64_t>(after, upto);
    if (after.type() == ValueType::unsigned_integer) return follows<std::uint64_t>(after, upto);
    return false;
}

std::string or_equal(std::string comparison) {
    comparison.back() = '=';
    return comparison + ' ';
}

KeyLiterals::KeyLiterals(const KeySpec& key, const Key& bound, const Quote& quote) {
    const std::size_t parts = std::min(key.columns.size(), bound.size());
    for (std::size_t i = 0; i < parts; ++i) {
        columns_.push_back(db::quote_name(key.columns[i].name));
        literals_.push_back(quote(bound[i]));
    }
}

std::string KeyLiterals::compare(std::size_t column, const std::string& comparison) const {
    return columns_[column] + comparison + literals_[column];
}

std::string KeyLiterals::not_beyond(std::size_t column, const std::string& before) const {
    if (column + 1 == literals_.size()) return "(" + compare(column, or_equal(before)) + ")";
    return "(" + compare(column, before) + " OR (" + compare(column, " = ") + " AND " + not_beyond(column + 1, before) +
           "))";
}

}  // namespace rowmill::table
