#include "job/statement.hpp"

#include "job/sql_phrase.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::job {

namespace {

[[noreturn]] void refuse(std::string_view where, std::string_view what) {
    throw Error{ErrorKind::usage, std::string{where} + ": " + std::string{what}};
}

/// Cuts off a closing `;`, and what follows the last significant token: a comment there would swallow whatever is put
/// behind the statement.
void trim_end(std::vector<SqlToken>& tokens, std::string_view where) {
    const auto end = std::ranges::find_if(tokens, [](const SqlToken& token) { return token.is_symbol(";"); });
    const bool goes_on = std::any_of(
        end, tokens.end(), [](const SqlToken& token) { return token.is_significant() && !token.is_symbol(";"); });
    if (goes_on) refuse(where, "there are several statements in one text; write them as statements = [ \"…\", \"…\" ]");
    tokens.erase(end, tokens.end());
    while (!tokens.empty() && !tokens.back().is_significant()) tokens.pop_back();
}

void check_parentheses(const std::vector<SqlToken>& tokens, std::string_view where) {
    std::size_t open = 0;
    for (const SqlToken& token : tokens) {
        if (token.is_symbol("(")) ++open;
        if (!token.is_symbol(")")) continue;
        if (open == 0) refuse(where, "a parenthesis is closed that was not opened");
        --open;
    }
    if (open > 0) refuse(where, "a parenthesis is not closed");
}

}  // namespace

Statement Statement::parse(std::string_view sql, std::string_view where) {
    std::vector<SqlToken> tokens = tokenize(sql, where);
    trim_end(tokens, where);
    if (tokens.empty()) refuse(where, "the SQL is empty");
    // Without the comment behind it, a second one would begin a comment.
    if (tokens.back().is_symbol("-")) refuse(where, "the SQL ends with a minus sign");
    check_parentheses(tokens, where);
    return Statement{std::move(tokens)};
}

Statement::Statement(std::vector<SqlToken> lexemes) : lexemes_{std::move(lexemes)} {
    for (const SqlToken& token : lexemes_) {
        if (token.kind == SqlToken::Kind::placeholder) {
            parts_.push_back({true, token.name()});
            continue;
        }
        if (parts_.empty() || parts_.back().is_placeholder) parts_.push_back({});
        parts_.back().text += token.text;
        if (token.kind == SqlToken::Kind::word) tokens_.push_back(to_upper(token.text));
        if (token.kind == SqlToken::Kind::quoted) tokens_.push_back(token.text);
    }
    const SqlPhrase phrase{lexemes_};
    const SqlToken& verb = phrase[phrase.verb()];
    if (verb.kind == SqlToken::Kind::word) verb_ = to_upper(verb.text);
}

bool Statement::uses(std::string_view placeholder) const {
    return std::ranges::any_of(
        parts_, [placeholder](const Part& part) { return part.is_placeholder && part.text == placeholder; });
}

std::vector<std::string> Statement::placeholders() const {
    std::vector<std::string> names;
    for (const Part& part : parts_) {
        if (part.is_placeholder && std::ranges::find(names, part.text) == names.end()) names.push_back(part.text);
    }
    return names;
}

}  // namespace rowmill::job
