#include "action/http_outcome.hpp"

#include "http/retry_after.hpp"

namespace rowmill::action {
namespace {

bool is_worth_another(int status) {
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

std::string reason_of(const http::Response& response) {
    std::string reason = "answered " + std::to_string(response.status);
    if (response.status >= 300 && response.status < 400) {
        if (!response.location.empty()) reason += ", to " + first_line(response.location);
        return reason + "; redirects are not followed";
    }
    const std::string line = first_line(response.body);
    return line.empty() ? reason : reason + ": " + line;
}

Outcome another(std::string reason, std::string error_class) {
    Outcome outcome = retry(std::move(reason));
    outcome.error_class = std::move(error_class);
    return outcome;
}

}  // namespace

std::string first_line(std::string_view body) {
    constexpr std::size_t most = 200;
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    body = body.substr(first, body.find_first_of("\r\n", first) - first);
    std::string line;
    for (const char c : body.substr(0, most)) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    if (body.size() <= most) return line.substr(0, line.find_last_not_of(' ') + 1);
    // Not in the middle of a character: its bytes but for the first are 10xxxxxx.
    while (!line.empty() && (static_cast<unsigned char>(body[line.size()]) & 0xC0) == 0x80) line.pop_back();
    return line + "…";
}

Outcome outcome_of(const http::Response& response, std::chrono::system_clock::time_point now) {
    if (response.status >= 200 && response.status < 300) return success();
    const std::string error_class = "http " + std::to_string(response.status);
    if (!is_worth_another(response.status)) return failure(reason_of(response), error_class);
    Outcome outcome = another(reason_of(response), error_class);
    if (const auto delay = http::parse_retry_after(response.retry_after, now)) {
        outcome.reason += "; it asks to wait for " + std::to_string(delay->count()) + " s";
        outcome.delay = *delay;
    }
    return outcome;
}

std::variant<Outcome, Error> outcome_of(const http::Fault& fault, const std::string& origin) {
    const std::string error_class{name_of(fault.kind)};
    switch (fault.kind) {
        case http::Fault::Kind::certificate:
            return Error{ErrorKind::fatal,
                         origin + " could not show that it is the server that is meant: " + fault.reason +
                             "; check action.url, or name the file of the authority that signed its certificate in the "
                             "environment variable SSL_CERT_FILE"};
        case http::Fault::Kind::too_long:
        case http::Fault::Kind::url:
            return failure(fault.reason, error_class);
        default:
            return another(fault.reason, error_class);
    }
}

}  // namespace rowmill::action
