#include "db/server.hpp"

namespace rowmill::db {

std::string Server::display() const {
    const unsigned major = version / 10000, minor = version / 100 % 100, patch = version % 100;
    return std::string{is_mariadb() ? "MariaDB " : "MySQL "} + std::to_string(major) + "." + std::to_string(minor) +
           "." + std::to_string(patch);
}

std::string Server::identity() const {
    return display() + " " + host + ":" + std::to_string(port) + " " + uuid;
}

}  // namespace rowmill::db
