#pragma once

#include <cstddef>
#include <string_view>

namespace rowmill {

/// How many bytes the character at the beginning of the text has; 0 where the text is empty, or no UTF-8 begins there
/// (RFC 3629: no overlong forms, no surrogates).
std::size_t utf8_character(std::string_view text);

/// True for the empty text.
bool is_utf8(std::string_view text);

}  // namespace rowmill
