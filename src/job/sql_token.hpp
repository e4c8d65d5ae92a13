#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A piece of SQL as the server's scanner would see it. The tokens of a statement, put one after
/// another, are the statement.
struct SqlToken {
    enum class Kind : std::uint8_t {
        blank,
        comment,  ///< `-- …`, `# …`, a C comment, an optimizer hint
        word,     ///< a keyword, a bare identifier, a function's name
        quoted,   ///< `identifier`
        literal,  ///< '…' or "…": which of text and identifier the latter is depends on the sql_mode
        number,
        placeholder,  ///< `:name`
        variable,     ///< @name, @@name
        symbol,       ///< an operator or a punctuation mark, one or two characters
    };

    Kind kind = Kind::blank;
    std::string text;  ///< as written

    bool is_significant() const { return kind != Kind::blank && kind != Kind::comment; }
    bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
    /// A bare word, whatever its case; `keyword` in capitals.
    bool is_word(std::string_view keyword) const;
    /// The name of a placeholder, or of an identifier without its quotes.
    std::string name() const;
};

/// Cuts SQL into tokens; every byte belongs to one. `where` names the place for errors. Throws
/// Error{usage} for an unterminated literal or comment, a zero byte, and a conditional comment
/// (`/*! … */`): servers differ on whether it is executed.
std::vector<SqlToken> tokenize(std::string_view sql, std::string_view where);

/// Throws Error{usage}, naming `where` and the literal, where a server with this sql_mode ends a literal elsewhere than
/// `tokenize` does: one with a backslash, under NO_BACKSLASH_ESCAPES, or as a name under ANSI_QUOTES. Nothing that is known
/// of such a text, its placeholders least of all, is then as the server reads it.
void check_literals(std::string_view sql, std::string_view where, std::string_view sql_mode);

/// ASCII letters in capitals, everything else as it is.
std::string to_upper(std::string_view text);
/// Whether two names are the same to the server: without regard to ASCII case.
bool same_name(std::string_view left, std::string_view right);

}  // namespace rowmill::job
