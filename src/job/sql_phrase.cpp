#include "job/sql_phrase.hpp"

#include <algorithm>

namespace rowmill::job {

SqlPhrase::SqlPhrase(const std::vector<SqlToken>& tokens) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const SqlToken& token = tokens[i];
        if (!token.is_significant()) continue;
        if (token.is_symbol(")") && depth > 0) --depth;
        places_.push_back({&token, i, depth});
        if (token.is_symbol("(")) ++depth;
    }
}

const SqlToken& SqlPhrase::operator[](std::size_t position) const {
    static const SqlToken nothing;
    return position < size() ? *places_[position].token : nothing;
}

bool SqlPhrase::is_word(std::size_t position, std::initializer_list<std::string_view> keywords) const {
    const SqlToken& token = (*this)[position];
    return std::ranges::any_of(keywords, [&](std::string_view keyword) { return token.is_word(keyword); });
}

bool SqlPhrase::is_name(std::size_t position) const {
    const SqlToken& token = (*this)[position];
    return token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted || token.text.starts_with('"');
}

std::size_t SqlPhrase::find(std::size_t begin, std::initializer_list<std::string_view> keywords) const {
    for (std::size_t i = begin; i < size(); ++i) {
        if (depth(i) == 0 && is_word(i, keywords)) return i;
    }
    return size();
}

std::size_t SqlPhrase::verb() const {
    std::size_t first = 0;
    while (is_symbol(first, "(")) ++first;
    if (!is_word(first, {"WITH"})) return first;
    const std::size_t level = depth(first);
    for (std::size_t i = first + 1; i < size(); ++i) {
        if (depth(i) == level && is_word(i, {"SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE", "TABLE", "VALUES"})) {
            return i;
        }
    }
    return first;
}

}  // namespace rowmill::job
