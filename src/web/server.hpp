#pragma once

#include "web/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace rowmill::web {

struct Address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: any that is free

    bool is_loopback() const;
};
/// "127.0.0.1:8080", "[::1]:8080", ":8080", "8080". Throws Error{usage}.
Address parse_address(const std::string& text);

struct Limits {
    std::uint32_t header_bytes = 16 << 10;   ///< else 431
    std::uint64_t body_bytes = 256 << 10;    ///< else 413
    std::size_t connections = 2000;          ///< beyond them, new ones are turned away with 503
    std::chrono::milliseconds header_time{10000};  ///< for all of it, however slowly it comes; else the connection ends
    std::chrono::milliseconds body_time{20000};
    std::chrono::milliseconds idle_time{60000};    ///< between two requests
    std::chrono::milliseconds write_time{15000};   ///< a reader that takes nothing for so long is dropped
    std::chrono::milliseconds heartbeat_time{15000};  ///< of a stream that has nothing to say
    /// Threads that answer, by the effort: none of them ever does what takes longer.
    unsigned quick_threads = 1, look_threads = 4, steer_threads = 4, begin_threads = 8;
    std::size_t waiting_changes = 64;  ///< of either effort, for a thread; one more is handed to the handler as one too many
};

struct ServerOptions {
    Address address{};
    std::string tls_certificate{}, tls_key{};  ///< PEM files; empty: without TLS
    Limits limits{};
};

/// An HTTP/1.1 server: reads requests within limits, has them answered on threads of its own, sends answers and streams. Knows nothing of
/// what is asked but how long the answer may take: so that none waits for what takes longer. Listens once made, and ends with the object:
/// whom it is just answering still gets the answer; streams end without their end.
class Server {
public:
    /// Throws Error{usage} where it can't listen there, or a certificate can't be read.
    Server(const ServerOptions& options, Handler handler, Estimate estimate = [](const Request&) { return Effort::look; });
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// "http://127.0.0.1:8080"
    std::string url() const;
    std::uint16_t port() const;
    std::size_t connections() const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace rowmill::web
