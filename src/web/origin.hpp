#pragma once

#include "web/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rowmill::web {

/// A host and a port as a Host header or an Origin writes them.
struct Authority {
    std::string host;  ///< in small letters, without brackets
    std::string port;  ///< empty: the scheme's own
};
/// Absent: it is none.
std::optional<Authority> read_authority(std::string_view text);

/// "127.0.0.1", "::1" and their like.
bool is_loopback_address(std::string_view host);

/// Whether `origin` ("https://mill.example.com") is of the site that was asked as `asked`, with one of these schemes.
bool is_same_origin(std::string_view origin, const Authority& asked, bool with_http, bool with_https);

}  // namespace rowmill::web
