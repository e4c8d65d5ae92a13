#include "web/server.hpp"

#include <rowmill/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace rowmill::web {
namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw Error{ErrorKind::usage, "\"" + text + "\" is no address to listen on; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"};
}

std::uint16_t read_port(std::string_view digits, const std::string& text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size()) refuse(text);
    return port;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool Address::is_loopback() const {
    if (host == "localhost") return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

Address parse_address(const std::string& text) {
    Address address;
    if (is_number(text)) {
        address.port = read_port(text, text);
        return address;
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) refuse(text);
    address.port = read_port(std::string_view{text}.substr(colon + 1), text);
    std::string host = text.substr(0, colon);
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    if (is_bracketed != (host.find(':') != std::string::npos)) refuse(text);
    if (!host.empty()) address.host = host;
    return address;
}

}  // namespace rowmill::web
