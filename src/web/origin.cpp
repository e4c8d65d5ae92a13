#include "web/origin.hpp"

#include "item/ascii.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace rowmill::web {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
}

}  // namespace

std::optional<Authority> read_authority(std::string_view text) {
    const bool is_bracketed = text.starts_with('[');
    const std::size_t host_end = is_bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (host_end == std::string_view::npos) return std::nullopt;
    Authority authority;
    authority.host = small_letters(text.substr(is_bracketed ? 1 : 0, host_end - (is_bracketed ? 1 : 0)));
    if (authority.host.empty() || !std::ranges::all_of(authority.host, is_host_character)) return std::nullopt;
    const std::string_view rest = text.substr(host_end + (is_bracketed ? 1 : 0));
    if (rest.empty()) return authority;
    authority.port = std::string{rest.substr(1)};
    const bool is_port = rest.front() == ':' && !authority.port.empty() && authority.port.size() <= 5 &&
                         authority.port.find_first_not_of("0123456789") == std::string::npos;
    return is_port ? std::optional{authority} : std::nullopt;
}

bool is_loopback_address(std::string_view host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string{host}, error);
    return !error && address.is_loopback();
}

bool is_same_origin(std::string_view origin, const Authority& asked, bool with_http, bool with_https) {
    const bool is_https = origin.starts_with("https://");
    if (!is_https && !origin.starts_with("http://")) return false;
    if (is_https ? !with_https : !with_http) return false;
    const auto own = [&](const Authority& authority) {
        return authority.port.empty() ? std::string{is_https ? "443" : "80"} : authority.port;
    };
    const std::optional<Authority> from = read_authority(origin.substr(is_https ? 8 : 7));
    return from && from->host == asked.host && own(*from) == own(asked);
}

}  // namespace rowmill::web
