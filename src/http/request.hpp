#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rowmill::http {

struct Header {
    std::string name, value;
};

/// What is asked of a server. It is sent as it stands: who makes it sees to it that the URL is percent-encoded and that
/// no header holds a line break.
struct Request {
    std::string method = "GET";
    std::string url;  ///< http or https. Its path is sent as it is, "." and ".." too
    std::vector<Header> headers;
    std::string body;  ///< empty: none
};

/// What a server answered, as far as anybody asks for it.
struct Response {
    int status = 0;
    std::string retry_after, location;  ///< headers; empty where there are none
    std::string body;                   ///< its beginning, at most Options::kept_bytes
};

/// Why there is no whole answer.
struct Fault {
    enum class Kind : std::uint8_t {
        connect,      ///< the host was not found, or not reached in time, or refuses
        certificate,  ///< the server could not show that it is the one meant: so for every request to it
        tls,          ///< no secure connection came about for another reason
        cut,          ///< the connection ended, or broke, before the whole answer was there
        too_long,     ///< the answer goes on beyond Options::read_bytes
        url,          ///< not an http or https URL
        cancelled,    ///< by `Client::cancel`, or the client is gone
        network,      ///< anything else
    };
    Kind kind = Kind::network;
    std::string reason;  ///< a sentence for people, without the URL
};

/// A short name to group by: "connect", "too long".
std::string_view name_of(Fault::Kind kind);

using Answer = std::variant<Response, Fault>;

}  // namespace rowmill::http
