#pragma once

#include "web/message.hpp"
#include "web/origin.hpp"
#include "web/tries.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::web {

/// Who may ask for what.
struct GuardOptions {
    std::string token{};             ///< empty: anybody who can reach it, which is this host alone
    bool is_read_only = false;       ///< nothing can be begun or changed
    bool is_behind_proxy = false;    ///< a proxy ends TLS: cookies are Secure; X-Forwarded-Host, -Proto and -For are believed
    bool is_tls = false;
    /// Names under which it may be asked, without port; beside "localhost", the loopback addresses and the address that it is reached at.
    std::vector<std::string> hosts{};
};

/// What a request that may pass may do.
struct Visitor {
    std::string csrf;        ///< for its forms
    std::string new_cookie;  ///< to be set with the answer, so that `csrf` counts; empty: it has one
    bool may_change = false;
    bool is_logged_in = false;
};

/// Why a request may not pass.
struct Refusal {
    unsigned status = 403;
    std::string sentence;
    std::vector<std::pair<std::string, std::string>> headers{};
};

/// Lets requests in, or not: the Host first (421), then the token or the session's cookie (401, or the login page), then for every
/// method but GET and HEAD the Origin and the CSRF value (403), and read-only mode (403). Keeps no sessions: a cookie says itself until
/// when it holds, sealed with the token, so that it holds for every process with this token, and after a restart. Thread-safe.
class Guard {
public:
    using Clock = std::function<std::chrono::system_clock::time_point()>;

    explicit Guard(GuardOptions options, Clock clock = std::chrono::system_clock::now);

    /// Absent: it may pass. Fills in the visitor.
    std::optional<Refusal> check(const Request& request, Visitor& visitor);
    /// Whether it will be refused: a change for where it comes from, anything for want of a token or a session. Counts no try.
    bool is_strange(const Request& request);

    struct LogIn {
        std::string cookie;   ///< to be set; empty: it was refused
        std::string problem;  ///< why
        unsigned status = 303;
    };
    /// The login form's answer, field `token`. At most so many tries a minute.
    LogIn log_in(const Request& request);
    /// The cookie to be set: the session counts no more, for this process at least.
    std::string log_out(const Request& request);
    bool wants_login() const { return !options_.token.empty(); }
    /// The name of our cookie for this, and what is to be said to set it: for no script, no other site, and this long. Cookies are of a
    /// host and know of no ports: so their names have the one that was asked, and two servers on one host don't take each other's away.
    std::string cookie_name(const Request& request, std::string_view what) const;
    std::string cookie_to_set(const Request& request, std::string_view what, const std::string& value, std::chrono::seconds age) const;
    /// What reaches us was encrypted on its way.
    bool is_secure() const { return options_.is_tls || options_.is_behind_proxy; }

private:
    enum class Proof : std::uint8_t { none, wrong, not_looked_at, header, cookie };

    std::optional<Authority> asked_host(const Request& request) const;
    bool is_known_host(const Authority& host, const Request& request) const;
    Proof proof_of(const Request& request);
    bool is_session(const std::string& cookie);
    std::optional<Refusal> check_change(const Request& request, const Authority& host, Proof proof, const Visitor& visitor) const;
    std::optional<Refusal> ask_for_login(const Request& request, Proof proof) const;
    void greet(const Request& request, Visitor& visitor) const;
    std::string peer_of(const Request& request) const;

    const GuardOptions options_;
    const Clock clock_;
    Tries tries_;
    std::mutex mutex_;
    std::map<std::string, std::chrono::system_clock::time_point> logged_out_;  // sessions, and until when they would have held
};

/// GET or HEAD, that change nothing.
bool is_read(const Request& request);

/// Whether it asks for a page that a person looks at, and not for data.
bool is_for_people(const Request& request);

/// A path of this site that a login may lead to; "/" for anything else.
std::string safe_destination(const std::string& to);

}  // namespace rowmill::web
