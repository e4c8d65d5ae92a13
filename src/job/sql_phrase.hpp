#pragma once

#include "job/sql_token.hpp"

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// The significant tokens of a statement, each with its depth in parentheses (a parenthesis itself has the depth of
/// what is around it). A view: the tokens must outlive it. Positions beyond the end are allowed and hold an empty
/// token.
class SqlPhrase {
public:
    explicit SqlPhrase(const std::vector<SqlToken>& tokens);

    std::size_t size() const { return places_.size(); }
    const SqlToken& operator[](std::size_t position) const;
    std::size_t depth(std::size_t position) const { return position < size() ? places_[position].depth : 0; }
    /// Where the token stands among all tokens of the statement.
    std::size_t index(std::size_t position) const { return places_[position].index; }

    bool is_symbol(std::size_t position, std::string_view symbol) const { return (*this)[position].is_symbol(symbol); }
    /// Whether a bare word is one of these, given in capitals.
    bool is_word(std::size_t position, std::initializer_list<std::string_view> keywords) const;
    /// A bare word or a quoted identifier; "…" too where a name is expected.
    bool is_name(std::size_t position) const;
    /// The first of these words outside of parentheses, from `begin` on; size() where there is none.
    std::size_t find(std::size_t begin, std::initializer_list<std::string_view> keywords) const;
    /// Where the statement proper begins, behind leading parentheses and a WITH clause.
    std::size_t verb() const;

private:
    struct Place {
        const SqlToken* token;
        std::size_t index;
        std::size_t depth;
    };

    std::vector<Place> places_;
};

}  // namespace rowmill::job
