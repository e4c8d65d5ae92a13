#include "job/read.hpp"
#include "job/sql_token.hpp"

#include <rowmill/error.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace rowmill::job {

namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array duration_units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                    Unit{"d", 86'400'000}};
constexpr std::array size_units{Unit{"", 1},          Unit{"B", 1},         Unit{"K", 1 << 10},  Unit{"KB", 1 << 10},
                                Unit{"M", 1 << 20},   Unit{"MB", 1 << 20},  Unit{"G", 1 << 30},  Unit{"GB", 1 << 30},
                                Unit{"KIB", 1 << 10}, Unit{"MIB", 1 << 20}, Unit{"GIB", 1 << 30}};
constexpr double longest = 10.0 * 365 * 86'400'000;
constexpr double largest = 1LL << 40;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes a number without a sign, and the letters after it, off the front of a text.
struct Quantity {
    double number = 0;
    std::string_view unit;
};

std::optional<Quantity> take_quantity(std::string_view& text) {
    Quantity quantity;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), quantity.number, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(' ')) text.remove_prefix(1);
    std::size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters])) ++letters;
    quantity.unit = text.substr(0, letters);
    text.remove_prefix(letters);
    return quantity;
}

[[noreturn]] void refuse(std::string_view where, std::string_view text, std::string_view expected) {
    throw Error{ErrorKind::usage, std::string{where} + " must be " + std::string{expected} + ", not " +
                                      display(ValueView{ValueType::text, text})};
}

}  // namespace

milliseconds parse_duration(std::string_view text, std::string_view where) {
    constexpr std::string_view expected = "a duration such as \"250ms\", \"30s\", \"10m\", \"2h\", \"1d\" or \"0\"";
    if (text == "0") return milliseconds{0};
    double total = 0;
    std::string_view rest = text;
    do {
        const std::optional<Quantity> quantity = take_quantity(rest);
        if (!quantity) refuse(where, text, expected);
        double factor = 0;
        for (const Unit& unit : duration_units) {
            if (quantity->unit == unit.name) factor = unit.factor;
        }
        if (factor == 0) refuse(where, text, expected);
        total += quantity->number * factor;
    } while (!rest.empty());
    if (total > longest) refuse(where, text, "ten years or less");
    return milliseconds{std::llround(total)};
}

std::uint64_t parse_size(std::string_view text, std::string_view where) {
    constexpr std::string_view expected = "a size such as \"8MB\", \"512KB\" or 1048576";
    std::string_view rest = text;
    const std::optional<Quantity> quantity = take_quantity(rest);
    if (!quantity || !rest.empty()) refuse(where, text, expected);
    for (const Unit& unit : size_units) {
        if (to_upper(quantity->unit) != unit.name) continue;
        const double bytes = quantity->number * unit.factor;
        if (bytes > largest) refuse(where, text, "1024GB or less");
        return static_cast<std::uint64_t>(bytes);
    }
    refuse(where, text, expected);
}

std::string display(milliseconds duration) {
    auto rest = duration.count();
    if (rest == 0) return "0s";
    if (rest < 0) return "-" + display(-duration);
    if (rest < 1000) return std::to_string(rest) + "ms";
    std::string text;
    for (auto unit = duration_units.rbegin(); unit->name != "s"; ++unit) {
        const auto factor = static_cast<std::int64_t>(unit->factor);
        if (rest >= factor) text += std::to_string(rest / factor) + std::string{unit->name};
        rest %= factor;
    }
    if (rest == 0) return text;
    text += std::to_string(rest / 1000);
    if (rest % 1000 != 0) {
        std::string fraction = std::to_string(1000 + rest % 1000).substr(1);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += "." + fraction;
    }
    return text + "s";
}

}  // namespace rowmill::job
