#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

/// Statements that travel together. Pure.
struct Window {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// Cuts statements into windows of at most `most` statements and `bytes` bytes as they are joined; a statement that is
/// too long by itself gets a window of its own.
std::vector<Window> windows_of(std::span<const std::string_view> statements, std::size_t most, std::size_t bytes);

/// Joins statements to one text. Trailing semicolons go, and each statement ends its own line, so that a comment
/// at its end does not swallow the next one.
std::string join(std::span<const std::string_view> statements);

/// The statement without blanks and semicolons at its end.
std::string_view trimmed(std::string_view statement);

/// CALL answers any number of results, and then one without rows.
bool is_call(std::string_view statement);

}  // namespace rowmill::db
