#pragma once

#include "web/bells.hpp"
#include "web/server.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <cstddef>
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
    Hall(const Limits& limits_of_all, Handler answering, Estimate estimating);

    /// Who is to answer it; it is counted as theirs until it is answered. To be called by the thread of the connections.
    Crew& admit(Request& request);
    /// Answers it, whatever the handler throws. To be called by a thread of this crew.
    Response answer(Crew& crew, const Request& request);

    const Limits limits;
    const Handler handler;
    const Estimate estimate;
    std::shared_ptr<Bells<Connection>> bells;
    std::atomic<std::size_t> connections{0};
    boost::asio::io_context io{1};  ///< run by one thread, on which all of a connection happens but the answering
    std::array<Crew, 4> crews;      ///< by effort
};

}  // namespace rowmill::web
