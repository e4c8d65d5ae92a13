#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace rowmill::db {

enum class SslMode : std::uint8_t { disabled, preferred, required, verify_ca, verify_identity };

/// Where a server is and who we are there. The password is never printed: `display()` leaves it out.
struct Endpoint {
    std::string host = "localhost";  ///< "localhost" means the default socket, as it does to MySQL's clients
    unsigned port = 3306;
    std::string user;
    std::string password;
    std::string socket;  ///< a unix socket; wins over host and port
    std::string database;
    SslMode ssl_mode = SslMode::preferred;
    std::string ssl_ca, ssl_cert, ssl_key;
    std::chrono::milliseconds connect_timeout{5000};
    std::optional<std::chrono::milliseconds> answer_within{};  ///< else the connection counts as lost; none: however long it takes

    /// `user@host:port/database`, `user@localhost/database` or `user@/path/to.sock/database`
    std::string display() const;
};

/// What every session of a run sets, before anything else.
struct SessionSettings {
    std::optional<std::string> time_zone;
    std::optional<std::string> sql_mode;
    std::optional<std::string> isolation;  ///< "READ COMMITTED" …
    std::optional<std::chrono::seconds> lock_wait_timeout;
    std::optional<std::chrono::seconds> innodb_lock_wait_timeout;
    std::map<std::string, std::string> set;
    bool read_only = false;  ///< its transactions may not write
};

}  // namespace rowmill::db
