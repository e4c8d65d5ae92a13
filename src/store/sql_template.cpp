#include "store/sql_template.hpp"

#include <algorithm>
#include <cstddef>

namespace rowmill::store {
namespace {

constexpr std::string_view name_mark = "-- name: ";

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_{text} {}

    std::vector<SqlTemplate> parse() {
        while (at_ < text_.size()) step();
        end_statement();
        return std::move(statements_);
    }

private:
    void step() {
        const char c = text_[at_];
        if (text_.substr(at_).starts_with("--")) return skip_comment();
        if (c == '\'' || c == '`') return copy_quoted(c);
        if (c == ':') return take_name(SqlTemplate::Kind::placeholder);
        if (c == '{') return take_name(SqlTemplate::Kind::include);
        ++at_;
        if (c == ';') return end_statement();
        append(is_blank(c) ? ' ' : c);
    }

    void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    void copy_quoted(char quote) {
        const std::size_t end = std::min(text_.find(quote, at_ + 1), text_.size() - 1);
        for (; at_ <= end; ++at_) literal_ += text_[at_];
    }

    void take_name(SqlTemplate::Kind kind) {
        std::size_t end = ++at_;
        while (end < text_.size() && is_name_character(text_[end])) ++end;
        flush_literal();
        current_.pieces.push_back({kind, std::string{text_.substr(at_, end - at_)}});
        at_ = kind == SqlTemplate::Kind::include ? end + 1 : end;
    }

    /// Blanks are squeezed: what travels with every checkpoint should not carry the file's layout.
    void append(char c) {
        const bool at_start = literal_.empty() && current_.pieces.empty();
        if (c == ' ' && (at_start || literal_.ends_with(' '))) return;
        literal_ += c;
    }

    void flush_literal() {
        if (!literal_.empty()) current_.pieces.push_back({SqlTemplate::Kind::text, std::move(literal_)});
        literal_.clear();
    }

    void end_statement() {
        while (literal_.ends_with(' ')) literal_.pop_back();
        flush_literal();
        if (!current_.pieces.empty()) statements_.push_back(std::move(current_));
        current_ = {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string literal_;
    SqlTemplate current_;
    std::vector<SqlTemplate> statements_;
};

}  // namespace

std::vector<SqlTemplate> parse_sql(std::string_view text) {
    return Parser{text}.parse();
}

std::vector<std::pair<std::string_view, std::string_view>> named_blocks(std::string_view text) {
    std::vector<std::pair<std::string_view, std::string_view>> blocks;
    std::size_t mark = text.find(name_mark);
    while (mark != std::string_view::npos) {
        const std::size_t name = mark + name_mark.size();
        const std::size_t line_end = std::min(text.find('\n', name), text.size());
        mark = text.find(name_mark, line_end);
        blocks.emplace_back(text.substr(name, line_end - name),
                            text.substr(line_end, std::min(mark, text.size()) - line_end));
    }
    return blocks;
}

}  // namespace rowmill::store
