#include "job/sql_token.hpp"

#include "item/ascii.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <array>

namespace rowmill::job {

namespace {

using Kind = SqlToken::Kind;

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
    return starts_name(c) || is_digit(c) || c == '$';
}

char capital(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// Walks over SQL and cuts off one token at a time.
class Scanner {
public:
    Scanner(std::string_view sql, std::string_view where) : sql_{sql}, where_{where} {}

    std::vector<SqlToken> scan() {
        if (const std::size_t zero = sql_.find('\0'); zero != std::string_view::npos) {
            position_ = zero;
            refuse("there is a zero byte");
        }
        std::vector<SqlToken> tokens;
        while (position_ < sql_.size()) {
            const std::size_t begin = position_;
            const Kind kind = step();
            tokens.push_back({kind, std::string{sql_.substr(begin, position_ - begin)}});
        }
        return tokens;
    }

private:
    char at(std::size_t position) const { return position < sql_.size() ? sql_[position] : '\0'; }
    char here(std::size_t ahead = 0) const { return at(position_ + ahead); }
    bool next_is(std::string_view text) const { return sql_.substr(position_).starts_with(text); }

    /// Moves past one token and says what it was.
    Kind step() {
        const char c = here();
        if (is_blank(c)) return blank();
        if (starts_line_comment()) return line_comment();
        if (next_is("/*")) return block_comment();
        if (c == '\'' || c == '"') return quoted(c, Kind::literal);
        if (c == '`') return quoted(c, Kind::quoted);
        if (c == '@') return variable();
        if (is_digit(c) || (c == '.' && is_digit(here(1)) && !follows_name())) return number();
        if (starts_name(c) || c == '$') return word();
        if (starts_placeholder()) return placeholder();
        return symbol();
    }

    bool follows_name() const {
        return position_ > 0 && (continues_name(sql_[position_ - 1]) || sql_[position_ - 1] == '`');
    }

    Kind blank() {
        while (position_ < sql_.size() && is_blank(here())) ++position_;
        return Kind::blank;
    }

    /// `--` begins a comment only before a blank, a control character or the end: `5--3` is arithmetic.
    bool starts_line_comment() const {
        if (here() == '#') return true;
        return next_is("--") && (position_ + 2 == sql_.size() || static_cast<unsigned char>(here(2)) <= ' ');
    }

    Kind line_comment() {
        const std::size_t end = sql_.find('\n', position_);
        position_ = end == std::string_view::npos ? sql_.size() : end + 1;
        return Kind::comment;
    }

    Kind block_comment() {
        if (here(2) == '!' || (here(2) == 'M' && here(3) == '!')) {
            refuse(
                "a conditional comment (/*! … */) is executed by some servers and not by others; write its text out");
        }
        const std::size_t end = sql_.find("*/", position_ + 2);
        if (end == std::string_view::npos) refuse("a comment (/*) is not closed");
        position_ = end + 2;
        return Kind::comment;
    }

    /// A doubled quote stands for itself, and outside of identifiers a backslash takes what follows along.
    Kind quoted(char quote, Kind kind) {
        const std::size_t begin = position_++;
        while (position_ < sql_.size()) {
            const char c = here();
            ++position_;
            if (c == '\\' && kind == Kind::literal) {
                ++position_;
            } else if (c == quote) {
                if (here() != quote) return kind;
                ++position_;
            }
        }
        position_ = begin;
        refuse(std::string{"a quote ("} + quote + ") is not closed");
    }

    Kind variable() {
        while (here() == '@') ++position_;
        if (here() == '\'' || here() == '"' || here() == '`') {
            quoted(here(), here() == '`' ? Kind::quoted : Kind::literal);
        } else {
            while (continues_name(here()) || here() == '.') ++position_;
        }
        return Kind::variable;
    }

    /// A name may begin with digits: `2nd_price` is a word, and `1e5` a number.
    Kind number() {
        const std::size_t begin = position_;
        while (is_digit(here())) ++position_;
        const bool fraction = here() == '.';
        if (fraction) {
            do ++position_;
            while (is_digit(here()));
        }
        if (capital(here()) == 'E') {
            const std::size_t digits = here(1) == '+' || here(1) == '-' ? 2 : 1;
            if (is_digit(here(digits))) {
                position_ += digits;
                while (is_digit(here())) ++position_;
            }
        }
        if (fraction || !continues_name(here())) return Kind::number;
        while (continues_name(here())) ++position_;
        const bool radix =
            sql_[begin] == '0' && position_ - begin > 2 && (at(begin + 1) == 'x' || at(begin + 1) == 'b');
        return radix ? Kind::number : Kind::word;
    }

    Kind word() {
        while (continues_name(here())) ++position_;
        return Kind::word;
    }

    /// Not after a name (`label:begin`), and neither `::` nor `:=`.
    bool starts_placeholder() const {
        if (here() != ':' || !starts_name(here(1))) return false;
        return position_ == 0 || (!continues_name(sql_[position_ - 1]) && sql_[position_ - 1] != ':');
    }

    Kind placeholder() {
        ++position_;
        word();
        return Kind::placeholder;
    }

    Kind symbol() {
        static constexpr std::array two{":=", "<=", ">=", "<>", "!=", "&&", "||", "<<", ">>", "->"};
        const bool pair = std::ranges::any_of(two, [this](std::string_view text) { return next_is(text); });
        position_ += pair ? 2 : 1;
        return Kind::symbol;
    }

    [[noreturn]] void refuse(const std::string& what) const {
        const std::string_view before = sql_.substr(0, position_);
        const auto line = 1 + std::ranges::count(before, '\n');
        const std::size_t last_line = before.rfind('\n');
        const std::size_t column = position_ - (last_line == std::string_view::npos ? 0 : last_line + 1) + 1;
        throw Error{ErrorKind::usage, std::string{where_} + ": " + what + " (line " + std::to_string(line) +
                                          ", column " + std::to_string(column) + " of the SQL)"};
    }

    std::string_view sql_;
    std::string_view where_;
    std::size_t position_ = 0;
};

}  // namespace

bool SqlToken::is_word(std::string_view keyword) const {
    return kind == Kind::word && std::ranges::equal(text, keyword, {}, capital);
}

std::string SqlToken::name() const {
    if (kind == Kind::placeholder) return text.substr(1);
    if ((kind != Kind::quoted && kind != Kind::literal) || text.size() < 2) return text;
    const char quote = text.front();
    std::string plain;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        plain += text[i];
        if (text[i] == quote) ++i;
    }
    return plain;
}

std::vector<SqlToken> tokenize(std::string_view sql, std::string_view where) {
    return Scanner{sql, where}.scan();
}

void check_literals(std::string_view sql, std::string_view where, std::string_view sql_mode) {
    const std::string mode = to_upper(sql_mode);
    const bool is_character = mode.find("NO_BACKSLASH_ESCAPES") != std::string::npos;
    const bool names_in_quotes = mode.find("ANSI_QUOTES") != std::string::npos;
    if (!is_character && !names_in_quotes) return;
    for (const SqlToken& token : tokenize(sql, where)) {
        const bool quoted = token.kind == Kind::literal || token.kind == Kind::variable;
        if (!quoted || token.text.find('\\') == std::string::npos) continue;
        if (!is_character && token.text.find('"') == std::string::npos) continue;
        throw Error{ErrorKind::usage, std::string{where} + ": the literal " + token.text +
                                          " holds a backslash, which means something else under " +
                                          (is_character ? "NO_BACKSLASH_ESCAPES" : "ANSI_QUOTES") +
                                          "; write it as a hexadecimal literal (x'5c'), or set session.sql_mode to one "
                                          "without that"};
    }
}

std::string to_upper(std::string_view text) {
    std::string upper{text};
    std::ranges::transform(upper, upper.begin(), capital);
    return upper;
}

bool same_name(std::string_view left, std::string_view right) {
    return is_same_name(left, right);
}

}  // namespace rowmill::job
