#pragma once

#include <cstdint>
#include <string>

namespace rowmill::db {

/// What a server is, as it says itself, never as the client library was compiled.
struct Server {
    enum class Flavor : std::uint8_t { mysql, mariadb };

    Flavor flavor = Flavor::mysql;
    unsigned version = 0;  ///< 80403 for 8.4.3, 101106 for 10.11.6
    std::string version_text;
    std::string host;  ///< @@hostname
    unsigned port = 0;
    std::string uuid;  ///< @@server_uuid; MariaDB: @@server_uid where there is one, else empty
    std::uint32_t server_id = 0;
    bool read_only = false;  ///< read_only or super_read_only (or innodb_read_only)
    bool galera = false;     ///< wsrep is on
    bool group_replication = false;
    bool has_array_binding = false;
    bool has_skip_locked = false;

    bool is_mariadb() const { return flavor == Flavor::mariadb; }
    /// "MariaDB 10.11.6"
    std::string display() const;
    /// Which server it is, as far as it tells: the same text, the same one.
    std::string identity() const;
};

}  // namespace rowmill::db
