#pragma once

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::test {

/// A certificate for 127.0.0.1 that nobody signed but itself, in a folder that goes with it.
class Certificate {
public:
    Certificate();

    std::string file() const { return folder_.path() + "/certificate.pem"; }
    std::string key_file() const { return folder_.path() + "/key.pem"; }

private:
    TemporaryFolder folder_;
};

/// What a server has seen so far.
struct HttpCounts {
    std::uint64_t requests = 0, connections = 0, at_work = 0;
    std::uint64_t peak = 0;         ///< the most requests at work at once
    std::vector<std::string> keys;  ///< the Idempotency-Key of each
};

/// http_server.py while it lives: a web server that behaves as badly as its paths say (they are listed there).
class HttpServer {
public:
    HttpServer();
    explicit HttpServer(const Certificate& certificate);

    std::string url(const std::string& path) const;
    /// Only of one without a certificate.
    HttpCounts counts() const;

private:
    HttpServer(const std::string& scheme, const std::vector<std::string>& arguments);

    Process process_;
    std::string scheme_;
    std::uint16_t port_;
};

/// A URL of a port where nobody listens.
std::string closed_url();

}  // namespace rowmill::test
