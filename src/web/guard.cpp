#include "web/guard.hpp"

#include "http/percent.hpp"
#include "item/ascii.hpp"
#include "item/random_token.hpp"
#include "web/seals.hpp"
#include "web/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rowmill::web {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::hours session_time{12};
constexpr std::chrono::hours visit_time{24 * 30};
constexpr std::string_view session = "session", visit = "visit";
constexpr const char* too_many_tries = "There were too many wrong tokens. Wait a minute.";

/// What anybody may see who has come to the login page, and what a load balancer asks.
bool is_open_to_all(const Request& request) {
    return request.path == "/login" || request.path == "/healthz" || request.path == "/favicon.ico" || request.path.starts_with("/assets/");
}

bool is_under(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool is_json(const Request& request) {
    const std::string type = request.header("content-type").value_or("");
    return type.substr(0, type.find_first_of("; ")) == "application/json";
}

long long seconds_of(system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// The token that is sent as a header; absent: none, or something of another kind, that is a proxy's.
std::optional<std::string> bearer_of(const Request& request) {
    constexpr std::string_view scheme = "bearer ";
    const std::string given = request.header("authorization").value_or("");
    if (!is_same_name(std::string_view{given}.substr(0, scheme.size()), scheme)) return std::nullopt;
    return given.substr(scheme.size());
}

bool is_from_another_site(const Request& request) {
    const std::string site = request.header("sec-fetch-site").value_or("same-origin");
    return site != "same-origin" && site != "none";
}

/// The last of a list with commas: what the proxy next to us has added.
std::string last_of(const std::string& list) {
    const std::size_t comma = list.rfind(',');
    const std::size_t begin = list.find_first_not_of(' ', comma == std::string::npos ? 0 : comma + 1);
    return begin == std::string::npos ? "" : list.substr(begin);
}

}  // namespace

Guard::Guard(GuardOptions options, Clock clock) : options_{std::move(options)}, clock_{std::move(clock)} {}

std::optional<Refusal> Guard::check(const Request& request, Visitor& visitor) {
    // Both: a page whose name was made to point here can say of itself what a proxy would say.
    const std::optional<Authority> own_host = read_authority(request.header("host").value_or(""));
    const std::optional<Authority> host = asked_host(request);
    if (!own_host || !host || !is_known_host(*own_host, request) || !is_known_host(*host, request)) {
        return Refusal{421, "This server does not answer under this name. Ask it as localhost, or name it with --server-name."};
    }
    const Proof proof = proof_of(request);
    greet(request, visitor);
    visitor.is_logged_in = proof == Proof::cookie;
    visitor.may_change = !options_.is_read_only;
    if (wants_login() && !is_open_to_all(request) && proof != Proof::header && proof != Proof::cookie) return ask_for_login(request, proof);
    return is_read(request) ? std::nullopt : check_change(request, *host, proof, visitor);
}

bool Guard::is_strange(const Request& request) {
    if (!is_read(request) && is_from_another_site(request)) return true;
    if (!wants_login() || is_open_to_all(request)) return false;
    if (const auto given = bearer_of(request)) return !equal_in_constant_time(*given, options_.token);
    const auto cookie = request.cookie(cookie_name(request, session));
    return !cookie || !is_session(*cookie);
}

std::optional<Authority> Guard::asked_host(const Request& request) const {
    if (options_.is_behind_proxy) {
        if (const auto forwarded = request.header("x-forwarded-host")) return read_authority(last_of(*forwarded));
    }
    const auto host = request.header("host");
    return host ? read_authority(*host) : std::nullopt;
}

bool Guard::is_known_host(const Authority& host, const Request& request) const {
    if (host.host == "localhost" || is_loopback_address(host.host)) return true;
    if (!request.local.empty() && host.host == request.local) return true;
    return std::ranges::any_of(options_.hosts, [&](const std::string& name) {
        const auto known = read_authority(name);
        return host.host == (known && known->port.empty() ? known->host : name);
    });
}

/// What the request shows for itself. Too many wrong tokens from one place, and a right one is not looked at either.
Guard::Proof Guard::proof_of(const Request& request) {
    if (!wants_login()) return Proof::none;
    if (const auto given = bearer_of(request)) {
        const auto now = clock_();
        const std::string peer = peer_of(request);
        if (!tries_.may_try(peer, now)) return Proof::not_looked_at;
        if (equal_in_constant_time(*given, options_.token)) return Proof::header;
        tries_.failed(peer, now);
        return Proof::wrong;
    }
    const auto cookie = request.cookie(cookie_name(request, session));
    if (!cookie) return Proof::none;
    return is_session(*cookie) ? Proof::cookie : Proof::none;
}

/// "ID.UNTIL.SEAL"
bool Guard::is_session(const std::string& cookie) {
    const std::size_t dot = cookie.rfind('.');
    if (dot == std::string::npos) return false;
    const std::string said = cookie.substr(0, dot);
    if (!equal_in_constant_time(cookie.substr(dot + 1), seal(options_.token, "session " + said))) return false;
    long long until = 0;
    const std::size_t first_dot = said.find('.');
    if (first_dot == std::string::npos) return false;
    std::from_chars(said.data() + first_dot + 1, said.data() + said.size(), until);
    const std::lock_guard lock{mutex_};
    return until > seconds_of(clock_()) && !logged_out_.contains(said);
}

/// Gives whoever comes without one a cookie to bind its forms to. Without a token the seal has no secret, and who knows the cookie can make
/// it: what keeps other sites' pages out then is the Origin, which none of them can forge. A secret made up at each start would end the
/// forms of pages that are open, one of which may have the click that takes up a run that was left behind.
void Guard::greet(const Request& request, Visitor& visitor) const {
    std::string id = request.cookie(cookie_name(request, visit)).value_or("");
    if (id.size() != 32 || id.find_first_not_of("0123456789abcdef") != std::string::npos) {
        id = random_token();
        visitor.new_cookie = cookie_to_set(request, visit, id, visit_time);
    }
    visitor.csrf = seal(options_.token, "form " + id);
}

std::optional<Refusal> Guard::ask_for_login(const Request& request, Proof proof) const {
    if (proof == Proof::none && is_read(request) && is_for_people(request)) {
        const std::string to = "/login?to=" + http::percent_encoded(encoded_path(request.path));
        // A link on another site comes without the session's cookie, which what our own page leads to comes with.
        if (is_from_another_site(request)) return Refusal{401, "Log in first.", {{"Refresh", "0; url=" + to}}};
        return Refusal{303, "Log in first.", {{"Location", to}}};
    }
    if (proof == Proof::not_looked_at) return Refusal{429, too_many_tries, {{"Retry-After", "60"}}};
    return Refusal{401,
                   proof == Proof::wrong ? "This is not the token." : "Send the token as \"Authorization: Bearer TOKEN\", or log in at /login.",
                   {{"WWW-Authenticate", "Bearer realm=\"rowmill\""}}};
}

/// A page of another site can send a form, with the visitor's cookies where SameSite is not known: but neither our Origin, nor JSON
/// (a browser would ask us first), nor what only our pages have.
std::optional<Refusal> Guard::check_change(const Request& request, const Authority& host, Proof proof, const Visitor& visitor) const {
    if (is_from_another_site(request)) return Refusal{403, "This was sent from another site."};
    const auto origin = request.header("origin");
    if (!origin && proof != Proof::header) {
        return Refusal{403, "This needs an Origin header with the address of this server, such as a browser sends."};
    }
    const auto forwarded = options_.is_behind_proxy ? request.header("x-forwarded-proto") : std::nullopt;
    const bool is_https = forwarded ? last_of(*forwarded) == "https" : options_.is_tls;
    const bool is_unsure = options_.is_behind_proxy && !forwarded;
    if (origin && !is_same_origin(*origin, host, !is_https || is_unsure, is_https || is_unsure)) {
        return Refusal{403, "This was sent from another site."};
    }
    if (proof != Proof::header && !(is_under(request.path, "/api") && is_json(request))) {
        const auto form = request.form();
        const auto field = form.find("csrf");
        const std::string given = request.header("x-csrf-token").value_or(field == form.end() ? "" : field->second);
        if (!visitor.new_cookie.empty() || !equal_in_constant_time(given, visitor.csrf)) {
            return Refusal{403, "The form was not of this session, or is too old. Load the page again, and send it once more."};
        }
    }
    const bool is_about_login = request.path == "/login" || request.path == "/logout";
    if (options_.is_read_only && !is_about_login) return Refusal{403, "This server is read-only: nothing can be begun or changed here."};
    return std::nullopt;
}

Guard::LogIn Guard::log_in(const Request& request) {
    const auto now = clock_();
    const std::string peer = peer_of(request);
    if (!tries_.may_try(peer, now)) return {"", too_many_tries, 429};
    const auto form = request.form();
    const auto token = form.find("token");
    if (!wants_login() || token == form.end() || !equal_in_constant_time(token->second, options_.token)) {
        tries_.failed(peer, now);
        return {"", "This is not the token.", 401};
    }
    const std::string said = random_token() + "." + std::to_string(seconds_of(now + session_time));
    return {cookie_to_set(request, session, said + "." + seal(options_.token, "session " + said), session_time), "", 303};
}

std::string Guard::log_out(const Request& request) {
    const std::string cookie = request.cookie(cookie_name(request, session)).value_or("");
    if (is_session(cookie)) {
        const std::lock_guard lock{mutex_};
        std::erase_if(logged_out_, [now = clock_()](const auto& entry) { return entry.second < now; });
        logged_out_[cookie.substr(0, cookie.rfind('.'))] = clock_() + session_time;
    }
    return cookie_to_set(request, session, "", std::chrono::seconds{0});
}

std::string Guard::peer_of(const Request& request) const {
    if (!options_.is_behind_proxy) return request.peer;
    return last_of(request.header("x-forwarded-for").value_or(request.peer));
}

std::string Guard::cookie_name(const Request& request, std::string_view what) const {
    const std::optional<Authority> host = asked_host(request);
    const std::string port = host && !host->port.empty() ? "-" + host->port : "";
    return fmt::format("{}rowmill-{}{}", is_secure() ? "__Host-" : "", what, port);
}

std::string Guard::cookie_to_set(const Request& request, std::string_view what, const std::string& value, std::chrono::seconds age) const {
    // What only binds forms to a browser comes along with a link on another site: else that would end the forms of pages that are open.
    return fmt::format("{}={}; Path=/; HttpOnly; SameSite={}; Max-Age={}{}", cookie_name(request, what), value, what == visit ? "Lax" : "Strict",
                       age.count(), is_secure() ? "; Secure" : "");
}

bool is_read(const Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

bool is_for_people(const Request& request) {
    return !is_under(request.path, "/api") && request.path != "/metrics" && request.path != "/healthz" && !request.path.ends_with("/progress");
}

std::string safe_destination(const std::string& to) {
    return to.starts_with('/') && read_target(to) ? to : "/";
}

}  // namespace rowmill::web
