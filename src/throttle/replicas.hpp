#pragma once

#include "db/session.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::throttle {

/// Where a replica is, by TCP.
struct Place {
    std::string host;
    unsigned port = 0;

    auto operator<=>(const Place&) const = default;
    /// "db2:3306", "[::1]:3306"
    std::string display() const;
};

/// "host", "host:port", "[::1]:3306" or "::1"; "localhost" is 127.0.0.1, since no socket is meant. Throws Error{usage} for what is
/// none, naming `where`.
Place parse_place(std::string_view text, unsigned default_port, std::string_view where);

/// The replicas of a server, from what it lists (SHOW REPLICAS, SHOW SLAVE HOSTS) and its SHOW PROCESSLIST: those that report a host,
/// and the hosts that read its binary log where some do not. Those have the port that the others report, or `own_port`. Pure.
std::vector<Place> replicas_in(const db::ResultSet& listed, const db::ResultSet& processes, unsigned own_port);

/// Whether one of `ignored` ("host" or "host:port") names it. Pure.
bool is_ignored(const Place& replica, const std::vector<std::string>& ignored);

/// What is known of a replica's lag: seconds, or why not.
struct Standing {
    std::optional<double> lag_seconds;
    std::string why;  ///< "its SQL thread does not run"
};

/// From SHOW REPLICA STATUS, SHOW SLAVE STATUS or SHOW ALL SLAVES STATUS: of several channels the one furthest behind. Pure.
Standing standing_in(const db::ResultSet& status);

/// From the rows (server_id, microseconds since) of a heartbeat table: the row of that server, else the newest. Pure.
Standing standing_by_heartbeat(const db::ResultSet& beats, std::uint32_t primary);

}  // namespace rowmill::throttle
