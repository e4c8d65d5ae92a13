#pragma once

#include "web/bells.hpp"
#include "web/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <functional>
#include <memory>

namespace rowmill::web {

class Connection;

/// What all connections of a server share. It outlives them.
struct Hall {
    Hall(const Limits& limits_of_all, Handler answering) : limits{limits_of_all}, handler{std::move(answering)} {}

    const Limits limits;
    const Handler handler;
    std::shared_ptr<Bells<Connection>> bells;
    std::atomic<std::size_t> connections{0};
    boost::asio::io_context io{1};    ///< run by one thread, on which all of a connection happens but the answering
    boost::asio::io_context answers;  ///< run by the threads that answer
};

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
