#pragma once

#include "web/bells.hpp"
#include "web/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>

namespace rowmill::web {

class Connection;

/// The threads that answer requests of one effort, and how many of these there are.
struct Crew {
    Crew(unsigned how_many, std::size_t most_waiting) : threads{how_many}, most{how_many + most_waiting} {}

    const unsigned threads;
    const std::size_t most;                ///< requests, with those that are being answered
    std::atomic<std::size_t> requests{0};  ///< counted up by the thread of the connections alone
    boost::asio::io_context io;            ///< run by the threads
};

/// What all connections of a server share. It outlives them.
struct Hall {
    Hall(const Limits& limits_of_all, Handler answering, Estimate estimating)
        : limits{limits_of_all},
          handler{std::move(answering)},
          estimate{std::move(estimating)},
          // A connection waits for one answer at a time: there are never more than that of them.
          crews{Crew{limits.quick_threads, limits.connections},
                Crew{limits.look_threads, limits.connections},
                Crew{limits.change_threads, limits.waiting_changes}} {}

    Crew& crew_for(Effort effort) { return crews.at(static_cast<std::size_t>(effort)); }

    const Limits limits;
    const Handler handler;
    const Estimate estimate;
    std::shared_ptr<Bells<Connection>> bells;
    std::atomic<std::size_t> connections{0};
    boost::asio::io_context io{1};    ///< run by one thread, on which all of a connection happens but the answering
    std::array<Crew, 3> crews;        ///< by effort
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
