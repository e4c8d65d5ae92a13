#pragma once

#include "web/hall.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace rowmill::web {

/// A client's connection, until either side ends it. Held by what it waits for, and so gone when that is.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    explicit Connection(Hall& hall) : hall_{hall} { ++hall_.connections; }
    virtual ~Connection() { --hall_.connections; }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    virtual void start() = 0;
    /// Its stream may have something to send.
    virtual void wake() = 0;

protected:
    Hall& hall_;
};

/// `tls`: null for a connection without. `is_turned_away`: there are too many already, so that it is told so and no more.
std::shared_ptr<Connection> make_connection(Hall& hall, boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                                            bool is_turned_away);

}  // namespace rowmill::web
