#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace rowmill {

/// As names are compared that are ASCII by their standard, whatever the locale: other bytes stay as they are.
constexpr char small_letter(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string small_letters(std::string_view text) {
    std::string small{text};
    std::ranges::transform(small, small.begin(), small_letter);
    return small;
}

/// Whether they are the same but for the size of letters.
inline bool is_same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, small_letter, small_letter);
}

}  // namespace rowmill
