#include "action/secrets.hpp"

#include <utility>

namespace rowmill::action {
namespace {

void mask(std::string& text, const std::string& secret) {
    constexpr std::string_view shown = "***";
    if (secret.empty()) return;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + shown.size()))
        text.replace(at, secret.size(), shown);
}

}  // namespace

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) mask(text, secret);
    return text;
}

Error without_secrets(const Error& error, const std::vector<std::string>& secrets) {
    if (secrets.empty()) return error;
    std::string sentence = error.what();
    if (!error.statement.empty()) {
        const std::size_t at = sentence.find(error.statement);
        if (at != std::string::npos)
            sentence.replace(at, error.statement.size(), "(a statement with a secret parameter)");
    }
    Error masked{error.kind(), without_secrets(std::move(sentence), secrets)};
    masked.server_code = error.server_code;
    masked.sqlstate = error.sqlstate;
    masked.statement_index = error.statement_index;
    masked.item_index = error.item_index;
    return masked;
}

}  // namespace rowmill::action
