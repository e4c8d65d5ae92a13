#include "web/message.hpp"

#include "item/ascii.hpp"
#include "web/target.hpp"

namespace rowmill::web {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The media type alone, in small letters.
std::string media_type(std::string_view text) {
    return small_letters(trimmed(text.substr(0, text.find(';'))));
}

Response with_body(std::string type, std::string body, unsigned status) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", std::move(type));
    response.body = std::move(body);
    return response;
}

}  // namespace

std::optional<std::string> Request::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (known == name) return value;
    return std::nullopt;
}

std::optional<std::string> Request::cookie(std::string_view name) const {
    for (const auto& [known, value] : headers) {
        if (known != "cookie") continue;
        for (std::string_view rest = value; !rest.empty();) {
            const std::string_view pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && trimmed(pair.substr(0, equals)) == name) {
                return std::string{trimmed(pair.substr(equals + 1))};
            }
        }
    }
    return std::nullopt;
}

std::map<std::string, std::string, std::less<>> Request::form() const {
    if (media_type(header("content-type").value_or("")) != "application/x-www-form-urlencoded") return {};
    return read_form(body);
}

Response redirect(const std::string& to, unsigned status) {
    Response response = text("This is at " + to + "\n", status);
    response.headers.emplace_back("Location", to);
    return response;
}

Response json(std::string body, unsigned status) {
    return with_body("application/json", std::move(body), status);
}

Response html(std::string body, unsigned status) {
    return with_body("text/html; charset=utf-8", std::move(body), status);
}

Response text(std::string body, unsigned status) {
    return with_body("text/plain; charset=utf-8", std::move(body), status);
}

}  // namespace rowmill::web
