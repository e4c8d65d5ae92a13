#pragma once

#include <rowmill/value.hpp>

#include <string>
#include <string_view>

namespace rowmill::db {

/// How a session reads backslashes in string literals: its sql_mode may say NO_BACKSLASH_ESCAPES.
enum class Backslash : std::uint8_t { escapes, is_a_character };

/// Appends a value as a literal. Integers and numbers stand bare where their text is one, everything else is
/// quoted; bytes become x'…'. NULL becomes `NULL`. Pure: the text is utf8mb4, in which no byte of a longer
/// character looks like a quote or a backslash.
void append_literal(std::string& sql, ValueView value, Backslash backslash);

/// Appends '…' with the text escaped.
void append_quoted(std::string& sql, std::string_view text, Backslash backslash);

}  // namespace rowmill::db
