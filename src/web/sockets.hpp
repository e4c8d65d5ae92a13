#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace rowmill::web {

/// An IPv4 address as such, though it came to a socket for IPv6.
std::string shown(const boost::asio::ip::address& address);
/// "127.0.0.1:8080", "[::1]:8080"
std::string shown(const boost::asio::ip::tcp::endpoint& endpoint);

/// Has the system ask whether the other side is still there, where neither of us says anything.
void keep_alive(int socket);

}  // namespace rowmill::web
