#pragma once

#include "db/endpoint.hpp"

#include <chrono>
#include <memory>
#include <optional>

struct st_mysql;

namespace mysqlpp {
class Connection;
}

namespace rowmill::db {

struct ConnectionCloser {
    void operator()(mysqlpp::Connection* connection) const;
};
using OpenConnection = std::unique_ptr<mysqlpp::Connection, ConnectionCloser>;

/// Connects with mysql++: utf8mb4, found rows, several statements to a packet, no LOCAL INFILE, no reconnection, TLS as
/// the endpoint says. Throws Error{usage} where waiting would not help (password, database, certificate), and
/// Error{disconnected | overloaded} where it might.
/// `answer_within` bounds the wait for every later answer; without it a statement may take as long as it likes.
OpenConnection shake_hands(const Endpoint& endpoint, std::optional<std::chrono::milliseconds> answer_within = {});

/// The C library's handle of a connection; it lives as long.
st_mysql* handle_of(mysqlpp::Connection& connection);

}  // namespace rowmill::db
