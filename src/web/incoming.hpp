#pragma once

#include "web/message.hpp"
#include "web/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rowmill::web {

using PlainSocket = boost::asio::ip::tcp::socket;
using TlsSocket = boost::asio::ssl::stream<PlainSocket>;

/// What comes in on a connection, as requests, one after the other. It must outlive what it reads; on one thread.
class Incoming {
public:
    using Then = std::function<void(const boost::system::error_code&)>;

    explicit Incoming(const Limits& limits);
    ~Incoming();

    /// Something of the next request has come already.
    bool has_more() const;
    /// Waits until something has.
    template <typename Socket>
    void wait(Socket& socket, Then then);
    /// Begins a request, and reads to the end of its header.
    template <typename Socket>
    void read_header(Socket& socket, Then then);
    template <typename Socket>
    void read_body(Socket& socket, Then then);
    /// Lets go of what has come.
    void clear();

    // Of a request whose header is read.
    bool is_complete() const;  ///< its body is read, or it has none
    bool is_head() const;
    bool is_http_1_1() const;  ///< or later
    bool keeps_alive() const;  ///< the client would have the connection stay open
    std::string expectation() const;  ///< its header Expect, in small letters

    /// The request, once it is complete, to be taken once. Absent: HTTP does not allow it, or its path is none.
    std::optional<Request> take();
    /// Why the one that is being read could not be, as a status; 0: there is nobody to tell.
    unsigned status_of(const boost::system::error_code& error) const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace rowmill::web
