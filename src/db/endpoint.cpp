#include "db/endpoint.hpp"

namespace rowmill::db {

std::string Endpoint::display() const {
    std::string text = user.empty() ? std::string{} : user + "@";
    if (!socket.empty()) {
        text += socket;
    } else if (host.empty() || host == "localhost") {
        text += "localhost";  // the default socket: a port would be misleading
    } else {
        const bool bare_ipv6 = host.find(':') != std::string::npos;
        text += (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    }
    if (!database.empty()) text += "/" + database;
    return text;
}

}  // namespace rowmill::db
