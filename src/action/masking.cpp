#include "action/masking.hpp"

#include "action/secrets.hpp"
#include "http/percent.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <functional>

namespace rowmill::action {
namespace {

/// Shorter ones are likely to be no secret: a line with a brace, or an empty one.
constexpr std::size_t shortest_line = 8;

std::string between_quotes(std::string_view text) {
    const std::string quoted = boost::json::serialize(boost::json::string_view{text.data(), text.size()});
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Masking::Masking(const Outside& outside) {
    for (const std::string& secret : outside.job.action.secrets) add(secret);
    for (const auto& [name, value] : outside.params) {
        const job::ParamSpec* spec = outside.job.find_param(name);
        if (spec != nullptr && spec->secret && !value.is_null()) add(value.text());
    }
    std::ranges::sort(secrets_, std::ranges::greater{}, &std::string::size);
}

void Masking::add(const std::string& secret) {
    if (secret.empty()) return;
    secrets_.push_back(secret);
    for (std::string form : {http::percent_encoded(secret), between_quotes(secret)}) {
        if (form != secret) secrets_.push_back(std::move(form));
    }
    if (secret.find('\n') == std::string::npos) return;
    for (std::string_view rest = secret; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (end >= shortest_line) secrets_.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

std::string Masking::operator()(const std::string& text) const {
    return without_secrets(text, secrets_);
}

std::string Masking::without_beginning(std::string_view text) const {
    const std::string masked = (*this)(std::string{text});
    return masked.substr(std::min(masked.size(), longest_part()));
}

std::string Masking::without_end(std::string_view text) const {
    std::string masked = (*this)(std::string{text});
    masked.resize(masked.size() - std::min(masked.size(), longest_part()));
    return masked;
}

std::size_t Masking::longest_part() const {
    return secrets_.empty() ? 0 : secrets_.front().size() - 1;
}

}  // namespace rowmill::action
