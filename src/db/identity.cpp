#include "db/identity.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace rowmill::db {
namespace {

template <typename Number>
Number number_of(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    Number number = 0;
    if (found != variables.end()) {
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
    }
    return number;
}

std::string text_of(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string{} : found->second;
}

/// MariaDB 12 has more than two values of read_only: whatever is not off is on.
bool is_on(const Variables& variables, std::string_view name) {
    const std::string text = text_of(variables, name);
    return !text.empty() && text != "OFF" && text != "0";
}

bool mentions_mariadb(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.find("mariadb") != std::string::npos;
}

/// 80403 for "8.4.3-…"; parts that are missing count as 0.
unsigned version_number(std::string_view text) {
    unsigned parts[3] = {0, 0, 0};
    const char* at = text.data();
    const char* end = text.data() + text.size();
    for (unsigned& part : parts) {
        const auto read = std::from_chars(at, end, part);
        at = read.ptr;
        if (at == end || *at != '.') break;
        ++at;
    }
    return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

}  // namespace

Server identify(const Variables& variables) {
    Server server;
    server.version_text = text_of(variables, "version");
    server.version = version_number(server.version_text);
    if (mentions_mariadb(server.version_text) || mentions_mariadb(text_of(variables, "version_comment"))) {
        server.flavor = Server::Flavor::mariadb;
    }
    server.host = text_of(variables, "hostname");
    server.port = number_of<unsigned>(variables, "port");
    server.uuid = text_of(variables, server.is_mariadb() ? "server_uid" : "server_uuid");
    server.server_id = number_of<std::uint32_t>(variables, "server_id");
    server.read_only =
        is_on(variables, "read_only") || is_on(variables, "super_read_only") || is_on(variables, "innodb_read_only");
    server.galera = is_on(variables, "wsrep_on");
    server.group_replication = !text_of(variables, "group_replication_group_name").empty();
    server.has_skip_locked = server.version >= (server.is_mariadb() ? 100600U : 80001U);
    return server;
}

}  // namespace rowmill::db
