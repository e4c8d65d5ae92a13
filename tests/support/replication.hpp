#pragma once

#include "support/mariadb.hpp"
#include "support/tcp_proxy.hpp"

#include <optional>
#include <string>

namespace rowmill::test {

/// A primary and a replica of it (asynchronous, by GTID), and an address that leads to the one that takes writes: what a
/// virtual address or a proxy is in production. Both servers end with the object. Not thread-safe.
class Replication {
public:
    /// Starts both and waits until the replica has caught up. The address leads to the primary.
    explicit Replication(const std::vector<std::string>& server_options = {});

    MariaDb& primary() { return primary_; }
    MariaDb& replica() { return replica_; }
    /// The address, whose port is the same for either server.
    TcpProxy& address() { return address_; }
    /// root at the address, with this database.
    std::string dsn(const std::string& database) const;

    /// The replica receives nothing more: at a failover, what the primary does from now on is lost.
    void stop_receiving();
    /// The replica goes on receiving, and applies nothing until `start_applying`.
    void stop_applying();
    void start_applying();
    /// Waits until the replica has applied all that the primary has done so far; both have to be there. Throws
    /// std::runtime_error after a minute.
    void catch_up();
    /// Lets the replica take writes and moves the address to it. Who is still connected to the old primary stays so.
    void fail_over();

private:
    MariaDb primary_;
    MariaDb replica_;
    TcpProxy address_;
};

}  // namespace rowmill::test
