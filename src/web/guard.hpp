#pragma once

#include "web/message.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::web {

/// Who may ask for what.
struct GuardOptions {
    std::string token{};             ///< empty: anybody who can reach it, which is this host alone
    bool is_read_only = false;       ///< nothing can be begun or changed
    bool is_behind_proxy = false;    ///< a proxy ends TLS: cookies are Secure, X-Forwarded-Host and -Proto are believed
    bool is_tls = false;
    std::vector<std::string> hosts{};  ///< names under which it may be asked, without port; beside "localhost" and the loopback addresses
};

/// What a request that may pass may do.
struct Visitor {
    std::string csrf;   ///< for its forms; empty: it has no session
    bool may_change = false;
};

/// Lets requests in, or not: the Host first (421), then the token or the session's cookie (401, or the login page), then for every
/// method but GET and HEAD the Origin and the CSRF value (403), and read-only mode (403). Thread-safe.
class Guard {
public:
    explicit Guard(GuardOptions options);

    /// Absent: it may pass. Fills in the visitor.
    std::optional<Response> check(const Request& request, Visitor& visitor);

    /// The login form's answer: a session's cookie and on to `to`, or the form again. At most so many tries a minute.
    Response log_in(const Request& request);
    Response log_out(const Request& request);
    bool wants_login() const { return !options_.token.empty(); }

private:
    GuardOptions options_;
    std::mutex mutex_;
};

/// Compares in a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view one, std::string_view other);

}  // namespace rowmill::web
