#include "progress/cells.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace rowmill::progress {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "…";

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

struct Form {
    std::uint8_t mask, lead;
    std::size_t bytes;
    char32_t least;  // shorter forms of the same character are not UTF-8
};
constexpr std::array<Form, 4> forms{
    {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}}};

CodePoint decode(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const auto* form =
        std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return (first & f.mask) == f.lead; });
    if (form == forms.end() || text.size() < form->bytes) return {};
    char32_t value = first & static_cast<std::uint8_t>(~form->mask);
    for (std::size_t i = 1; i < form->bytes; ++i) {
        const auto next = static_cast<std::uint8_t>(text[i]);
        if ((next & 0xC0) != 0x80) return {};
        value = (value << 6) | (next & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form->least || value > 0x10FFFF || surrogate) return {};
    return {value, form->bytes, true};
}

struct Range {
    char32_t first, last;
};

template <std::size_t N>
constexpr bool within(const std::array<Range, N>& ranges, char32_t value) {
    return std::any_of(ranges.begin(), ranges.end(), [=](Range r) { return value >= r.first && value <= r.last; });
}

// After Unicode's EastAsianWidth (W and F), with the blocks of symbols and pictures taken whole.
constexpr std::array<Range, 20> wide{{
    {0x1100, 0x115F},   {0x231A, 0x23FF},   {0x25FD, 0x25FE},   {0x2600, 0x27BF},   {0x2B1B, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF},
    {0x1AFF0, 0x1B2FF}, {0x1F000, 0x1F0FF}, {0x1F18E, 0x1F2FF}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
}};
// What surely joins the character before it. Scripts not named here are counted too wide, never too narrow.
constexpr std::array<Range, 6> joined{{
    {0x0300, 0x036F},
    {0x0483, 0x0489},
    {0x200B, 0x200D},
    {0x20D0, 0x20FF},
    {0xFE00, 0xFE0E},
    {0xFE20, 0xFE2F},
}};
constexpr std::array<Range, 6> controls{{
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0x200E, 0x200F},
    {0x2028, 0x202E},
    {0x2066, 0x2069},
    {0xFEFF, 0xFEFF},
}};

std::size_t width_of(char32_t value) {
    if (within(joined, value)) return 0;
    return within(wide, value) ? 2 : 1;
}

template <typename Replace>
std::string rewrite(std::string_view text, Replace replace) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text.substr(at));
        result += replace(point, text.substr(at, point.bytes));
        at += point.bytes;
    }
    return result;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    return rewrite(text,
                   [](const CodePoint& point, std::string_view as_is) { return point.valid ? as_is : replacement; });
}

std::string harmless(std::string_view text) {
    return rewrite(text, [](const CodePoint& point, std::string_view as_is) -> std::string_view {
        if (point.valid && (point.value == '\n' || point.value == '\r' || point.value == '\t')) return " ";
        return point.valid && !within(controls, point.value) ? as_is : replacement;
    });
}

std::size_t cells_of(std::string_view text) {
    std::size_t cells = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text.substr(at));
        cells += point.valid ? width_of(point.value) : 1;
        at += point.bytes;
    }
    return cells;
}

std::string fit_cells(std::string_view text, std::size_t cells) {
    if (cells_of(text) <= cells) return std::string{text};
    if (cells == 0) return {};
    std::size_t used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const CodePoint point = decode(text.substr(at));
        const std::size_t width = point.valid ? width_of(point.value) : 1;
        if (used + width > cells - 1) break;
        used += width;
        at += point.bytes;
    }
    return std::string{text.substr(0, at)} + std::string{ellipsis};
}

}  // namespace rowmill::progress
