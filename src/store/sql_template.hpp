#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowmill::store {

/// SQL text cut at its placeholders. A `:name` inside a string literal or a quoted identifier is text; comments
/// (`--` to the end of the line) are left out.
struct SqlTemplate {
    enum class Kind : std::uint8_t { text, placeholder, include };
    struct Piece {
        Kind kind = Kind::text;
        std::string text;  ///< SQL, or a name
    };
    std::vector<Piece> pieces;
};

/// The statements of a text, divided by semicolons; empty ones are dropped.
std::vector<SqlTemplate> parse_sql(std::string_view text);

/// The blocks of a file of named statements: each begins with a line `-- name: x`.
std::vector<std::pair<std::string_view, std::string_view>> named_blocks(std::string_view text);

}  // namespace rowmill::store
