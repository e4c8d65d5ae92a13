#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace rowmill::http {

struct Options {
    unsigned per_host = 16;  ///< requests to one scheme, host and port at once, at most; the others wait for their turn
    unsigned overall = 1000;                           ///< requests at once, at most
    std::chrono::milliseconds connect_timeout{10000};  ///< finding the host and TLS included
    std::size_t kept_bytes = 64 << 10;                 ///< of an answer's body
    std::size_t read_bytes = 10 << 20;                 ///< of an answer, headers included; beyond, it is broken off
    std::string ca_file{};                             ///< certificates to trust beside the system's, PEM; empty: none
};

}  // namespace rowmill::http
