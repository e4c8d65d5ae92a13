#include "db/login.hpp"
#include "db/names.hpp"

#include <rowmill/error.hpp>

#include <array>
#include <charconv>

namespace rowmill::db {
namespace {

constexpr std::string_view form = "mysql://user:password@host:port/database?socket=…&ssl-mode=…";

[[noreturn]] void refuse(const std::string& what) {
    throw Error{ErrorKind::usage, "the DSN " + what + "; it looks like " + std::string{form}};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// `what` names the part in errors, which never repeat it: it may be the password.
std::string decode(std::string_view text, const char* what) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) refuse(std::string{"has a % without two hex digits in its "} + what + " (write % itself as %25)");
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

/// Cuts the text before `separator` off `rest`; all of it where there is none.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return head;
}

void read_account(std::string_view account, Endpoint& endpoint) {
    const bool has_password = account.find(':') != std::string_view::npos;
    endpoint.user = decode(cut(account, ':'), "user");
    if (has_password) endpoint.password = decode(account, "password");
}

void read_host(std::string_view text, Endpoint& endpoint) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) refuse("has a [ without a ] in its host");
        endpoint.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && port.front() != ':') refuse("has something between the host's ] and the port");
        if (!port.empty()) port.remove_prefix(1);
    } else {
        const std::string_view host = cut(text, ':');
        if (!host.empty()) endpoint.host = decode(host, "host");
        port = text;
    }
    if (!port.empty()) endpoint.port = parse_port(port, "the DSN");
}

void read_option(std::string_view option, Endpoint& endpoint) {
    static const std::vector<std::string> known = {"socket",   "ssl-mode", "ssl-ca",
                                                   "ssl-cert", "ssl-key",  "connect-timeout"};
    const std::string name = decode(cut(option, '='), "options");
    const std::string value = decode(option, "options");
    if (name == "socket")
        endpoint.socket = value;
    else if (name == "ssl-mode")
        endpoint.ssl_mode = parse_ssl_mode(value, "the DSN's ssl-mode");
    else if (name == "ssl-ca")
        endpoint.ssl_ca = value;
    else if (name == "ssl-cert")
        endpoint.ssl_cert = value;
    else if (name == "ssl-key")
        endpoint.ssl_key = value;
    else if (name == "connect-timeout")
        endpoint.connect_timeout = parse_seconds(value, "the DSN's connect-timeout");
    else
        refuse("has an unknown option \"" + name + "\"" + suggestion(name, known));
}

}  // namespace

Endpoint parse_dsn(std::string_view dsn, Endpoint base) {
    bool known_scheme = false;
    for (const std::string_view scheme : {"mysql://", "mariadb://"}) {
        if (!dsn.starts_with(scheme)) continue;
        dsn.remove_prefix(scheme.size());
        known_scheme = true;
        break;
    }
    if (!known_scheme) refuse("does not start with mysql://");

    // A slash or a question mark in the password is forgiven as long as an @ follows; more than that has to be encoded.
    Endpoint endpoint = std::move(base);
    const std::size_t at = dsn.substr(0, dsn.find('?')).rfind('@');
    if (at == std::string_view::npos && dsn.find('@') != std::string_view::npos) {
        refuse("has an @ after a ?: write ? as %3F in a password, and @ as %40 in an option");
    }
    if (at != std::string_view::npos) {
        read_account(dsn.substr(0, at), endpoint);
        dsn.remove_prefix(at + 1);
    }
    std::string_view options = dsn;
    std::string_view place = cut(options, '?');
    std::string_view database = place;
    const std::string_view host = cut(database, '/');
    if (!host.empty()) {
        // A host that is named wins over a socket of the option files.
        endpoint.socket.clear();
        read_host(host, endpoint);
    }
    if (!database.empty()) endpoint.database = decode(database, "database");
    bool mode_given = false, authority_given = false;
    while (!options.empty()) {
        const std::string_view option = cut(options, '&');
        mode_given |= option.starts_with("ssl-mode=");
        authority_given |= option.starts_with("ssl-ca=");
        if (!option.empty()) read_option(option, endpoint);
    }
    if (authority_given && !mode_given) endpoint.ssl_mode = SslMode::verify_ca;
    return endpoint;
}

}  // namespace rowmill::db
