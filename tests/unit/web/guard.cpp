#include "web/guard.hpp"

#include "web/server.hpp"
#include "web/target.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::chrono_literals;
using web::Guard;
using web::Request;
using web::Visitor;

namespace {

Request asking(std::string method, std::string path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    request.peer = "127.0.0.1";
    request.local = "127.0.0.1";
    if (!request.header("host")) request.headers.emplace_back("host", "127.0.0.1:8080");
    return request;
}

/// 0: it may pass.
unsigned status(Guard& guard, const Request& request) {
    Visitor visitor;
    const auto refusal = guard.check(request, visitor);
    return refusal ? refusal->status : 0;
}

std::string cookie_of(const std::string& set_cookie) {
    return set_cookie.substr(0, set_cookie.find(';'));
}

/// A POST from one of our own pages.
Request form(Guard& guard, const std::string& path, const std::string& fields = {}, const std::string& cookies = {}) {
    Visitor visitor;
    guard.check(asking("GET", "/login"), visitor);
    Request request = asking("POST", path,
                             {{"origin", "http://127.0.0.1:8080"},
                              {"content-type", "application/x-www-form-urlencoded"},
                              {"cookie", cookie_of(visitor.new_cookie) + (cookies.empty() ? "" : "; " + cookies)}});
    request.body = "csrf=" + visitor.csrf + "&" + fields;
    return request;
}

void replace(Request& request, const std::string& name, const std::string& value) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    if (!value.empty()) request.headers.emplace_back(name, value);
}

}  // namespace

TEST_CASE("only known names and addresses are answered for") {
    Guard guard{{.hosts = {"mill.example.com"}}};
    for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "mill.example.com", "Mill.Example.com:443"}) {
        CAPTURE(host);
        CHECK(status(guard, asking("GET", "/", {{"host", host}})) == 0);
    }
    for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost:", "localhost:x",
                             "localhost@evil.example", "[::1", "localhost:8080:8080", "xmill.example.com", "mill.example.com.", "0x7f.1"}) {
        CAPTURE(host);
        CHECK(status(guard, asking("GET", "/healthz", {{"host", host}})) == 421);
    }
}

TEST_CASE("the address that a request came to is a known one") {
    Guard guard{{}};
    Request request = asking("GET", "/", {{"host", "192.168.1.5:8080"}});
    CHECK(status(guard, request) == 421);
    request.local = "192.168.1.5";
    CHECK(status(guard, request) == 0);
}

TEST_CASE("what a proxy says of the host counts only where there is one") {
    const Request request = asking("GET", "/", {{"x-forwarded-host", "mill.example.com"}});
    Guard without{{.hosts = {"other.example.com"}}}, with{{.is_behind_proxy = true, .hosts = {"other.example.com"}}};
    CHECK(status(without, request) == 0);
    CHECK(status(with, request) == 421);
}

TEST_CASE("a page whose name was made to point here can't say that a proxy was asked under ours") {
    Guard guard{{.is_behind_proxy = true, .hosts = {"mill.example.com"}}};
    CHECK(status(guard, asking("GET", "/", {{"host", "evil.example"}, {"x-forwarded-host", "mill.example.com"}})) == 421);
    CHECK(status(guard, asking("GET", "/", {{"host", "evil.example"}, {"x-forwarded-host", "localhost"}})) == 421);
}

TEST_CASE("without a token nothing but the login page is shown") {
    Guard guard{{.token = "right"}};
    CHECK(status(guard, asking("GET", "/api/runs")) == 401);
    CHECK(status(guard, asking("GET", "/metrics")) == 401);
    CHECK(status(guard, asking("GET", "/runs/7/progress")) == 401);
    CHECK(status(guard, asking("GET", "/")) == 303);
    CHECK(status(guard, asking("POST", "/runs/7/pause")) == 401);
    for (const char* open : {"/login", "/healthz", "/assets/style.css", "/favicon.ico"}) CHECK(status(guard, asking("GET", open)) == 0);
    CHECK(status(guard, asking("GET", "/assetsx")) == 303);
}

TEST_CASE("the right token opens everything, a wrong one nothing") {
    Guard guard{{.token = "right"}};
    for (const char* right : {"Bearer right", "bearer right"}) CHECK(status(guard, asking("GET", "/api/runs", {{"authorization", right}})) == 0);
    for (const char* wrong : {"Bearer wrong", "Bearer right ", "Bearer righ", "Basic right", "right", "Bearer ", ""}) {
        CAPTURE(wrong);
        CHECK(status(guard, asking("GET", "/api/runs", {{"authorization", wrong}})) == 401);
    }
    CHECK(status(guard, asking("GET", "/", {{"authorization", "Bearer wrong"}})) == 401);
    CHECK(status(guard, asking("GET", "/", {{"authorization", "Basic wrong"}})) == 303);
}

TEST_CASE("who has given ten wrong tokens is not listened to until a minute is over") {
    std::chrono::system_clock::time_point now{1000h};
    Guard guard{{.token = "right"}, [&] { return now; }};
    const Request right = asking("GET", "/api/runs", {{"authorization", "Bearer right"}});
    for (int i = 0; i < 10; ++i) {
        CHECK(status(guard, right) == 0);
        CHECK(status(guard, asking("GET", "/api/runs", {{"authorization", "Bearer wrong"}})) == 401);
    }
    Visitor visitor;
    const auto refusal = guard.check(right, visitor);
    REQUIRE(refusal);
    CHECK(refusal->status == 429);
    CHECK(refusal->sentence == "There were too many wrong tokens. Wait a minute.");  // not that this one is wrong, which it is not
    CHECK(guard.log_in(form(guard, "/login", "token=right")).status == 429);
    Request elsewhere = right;
    elsewhere.peer = "10.0.0.9";
    CHECK(status(guard, elsewhere) == 0);
    now += 61s;
    CHECK(status(guard, right) == 0);
}

TEST_CASE("a login gives a session that no script and no other site can use, for twelve hours") {
    std::chrono::system_clock::time_point now{1000h};
    Guard guard{{.token = "right"}, [&] { return now; }};
    CHECK(guard.log_in(form(guard, "/login", "token=wrong")).status == 401);
    CHECK(guard.log_in(form(guard, "/login")).cookie.empty());
    const std::string set = guard.log_in(form(guard, "/login", "token=right")).cookie;
    CHECK(set.starts_with("rowmill-session-8080="));
    for (const char* said : {"; HttpOnly", "; SameSite=Strict", "; Path=/"}) CHECK(set.find(said) != std::string::npos);
    CHECK(set.find("right") == std::string::npos);
    const Request request = asking("GET", "/api/runs", {{"cookie", cookie_of(set)}});
    CHECK(status(guard, request) == 0);
    now += 12h;
    CHECK(status(guard, request) == 401);
}

TEST_CASE("a session counts at every process with this token, and at none with another") {
    Guard guard{{.token = "right"}}, restarted{{.token = "right"}}, other{{.token = "changed"}};
    const Request request = asking("GET", "/api/runs", {{"cookie", cookie_of(guard.log_in(form(guard, "/login", "token=right")).cookie)}});
    CHECK(status(restarted, request) == 0);
    CHECK(status(other, request) == 401);
}

TEST_CASE("two servers on one host have sessions of their own, which a browser sends to both") {
    const auto asking_at = [](const std::string& port, const std::string& cookies, std::string body = "") {
        Request request = asking("GET", "/api/runs", {{"host", "127.0.0.1:" + port}, {"content-type", "application/x-www-form-urlencoded"}});
        request.headers.emplace_back("cookie", cookies);
        request.body = std::move(body);
        return request;
    };
    Guard one{{.token = "first"}}, other{{.token = "second"}};
    const std::string first = cookie_of(one.log_in(asking_at("8080", "", "token=first")).cookie);
    const std::string second = cookie_of(other.log_in(asking_at("8081", "", "token=second")).cookie);
    CHECK(first.substr(0, first.find('=')) != second.substr(0, second.find('=')));
    const std::string both = first + "; " + second;
    CHECK(status(one, asking_at("8080", both)) == 0);
    CHECK(status(other, asking_at("8081", both)) == 0);
    CHECK(other.log_out(asking_at("8081", both)).starts_with(second.substr(0, second.find('=') + 1)));
    CHECK(status(one, asking_at("8080", both)) == 0);
}

TEST_CASE("behind a proxy a session is of the address that the proxy was asked under, whatever port it asks itself") {
    Guard guard{{.token = "right", .is_behind_proxy = true, .hosts = {"mill.example.com"}}};
    for (const auto& [host, name] : {std::pair{"mill.example.com", "__Host-rowmill-session"},
                                     std::pair{"mill.example.com:8443", "__Host-rowmill-session-8443"}}) {
        CHECK(guard.cookie_name(asking("GET", "/", {{"host", "127.0.0.1:9000"}, {"x-forwarded-host", host}}), "session") == name);
    }
}

TEST_CASE("a session that was changed is none") {
    Guard guard{{.token = "right"}};
    const std::string cookie = cookie_of(guard.log_in(form(guard, "/login", "token=right")).cookie);
    for (std::size_t at = cookie.find('=') + 1; at < cookie.size(); ++at) {
        std::string changed = cookie;
        changed[at] = changed[at] == '1' ? '2' : '1';
        CHECK(status(guard, asking("GET", "/api/runs", {{"cookie", changed}})) == 401);
    }
    CHECK(status(guard, asking("GET", "/api/runs", {{"cookie", "rowmill-session-8080=."}})) == 401);
}

TEST_CASE("a session that was logged out is none") {
    Guard guard{{.token = "right"}};
    const std::string cookie = cookie_of(guard.log_in(form(guard, "/login", "token=right")).cookie);
    const std::string set = guard.log_out(asking("POST", "/logout", {{"cookie", cookie}}));
    CHECK(set.find("Max-Age=0") != std::string::npos);
    CHECK(status(guard, asking("GET", "/api/runs", {{"cookie", cookie}})) == 401);
}

TEST_CASE("a link on another site leads by way of a page of ours, which the session's cookie comes with") {
    Guard guard{{.token = "right"}};
    Visitor visitor;
    const auto refusal = guard.check(asking("GET", "/runs/7", {{"sec-fetch-site", "cross-site"}}), visitor);
    REQUIRE(refusal);
    CHECK(refusal->status == 401);
    CHECK(refusal->headers.front().second == "0; url=/login?to=%2Fruns%2F7");
    CHECK(visitor.new_cookie.find("SameSite=Lax") != std::string::npos);
}

TEST_CASE("a proxy's own password is not taken for a token") {
    Guard guard{{.token = "right"}};
    const std::string cookie = cookie_of(guard.log_in(form(guard, "/login", "token=right")).cookie);
    for (int i = 0; i < 20; ++i) CHECK(status(guard, asking("GET", "/api/runs", {{"cookie", cookie}, {"authorization", "Basic YTpi"}})) == 0);
}

TEST_CASE("wrong tokens from ever new addresses are counted all the same") {
    Guard guard{{.token = "right"}};
    Request request = asking("GET", "/api/runs", {{"authorization", "Bearer wrong"}});
    for (int i = 0; i < 1100; ++i) {
        request.peer = "10.0.0." + std::to_string(i);
        CHECK(status(guard, request) == (i < 1010 ? 401 : 429));
    }
    Request newcomer = asking("GET", "/api/runs", {{"authorization", "Bearer right"}});
    newcomer.peer = "10.1.1.1";
    CHECK(status(guard, newcomer) == 429);
}

TEST_CASE("cookies of an encrypted site are of this host alone, and sent encrypted alone") {
    for (const web::GuardOptions& options : {web::GuardOptions{.token = "right", .is_tls = true}, web::GuardOptions{.token = "right", .is_behind_proxy = true}}) {
        Guard guard{options};
        const std::string set = guard.log_in(form(guard, "/login", "token=right")).cookie;
        CHECK(set.starts_with("__Host-rowmill-session-8080="));
        CHECK(set.find("; Secure") != std::string::npos);
    }
}

TEST_CASE("a form of our own page may change things") {
    Guard guard{{}};
    CHECK(status(guard, form(guard, "/runs/7/pause")) == 0);
}

TEST_CASE("nothing is changed for another site's page, whatever it sends") {
    Guard guard{{}};
    for (const char* origin : {"http://evil.example", "null", "", "https://127.0.0.1:8080", "http://127.0.0.1:8081", "http://127.0.0.1",
                               "http://127.0.0.1:8080.evil.example", "http://localhost:8080"}) {
        CAPTURE(origin);
        Request request = form(guard, "/runs/7/pause");
        replace(request, "origin", origin);
        CHECK(status(guard, request) == 403);
    }
    for (const char* site : {"cross-site", "same-site"}) {
        Request request = form(guard, "/runs/7/pause");
        request.headers.emplace_back("sec-fetch-site", site);
        CHECK(status(guard, request) == 403);
    }
}

TEST_CASE("nothing is changed without the value that our pages have") {
    Guard guard{{}};
    Request without = form(guard, "/runs/7/pause");
    without.body = "a=b";
    CHECK(status(guard, without) == 403);
    Request of_another = form(guard, "/runs/7/pause");
    of_another.body = form(guard, "/runs/7/pause").body;
    CHECK(status(guard, of_another) == 403);
    Request without_cookie = form(guard, "/runs/7/pause");
    replace(without_cookie, "cookie", "");
    CHECK(status(guard, without_cookie) == 403);
}

TEST_CASE("the value may be sent as a header") {
    Guard guard{{}};
    Request request = form(guard, "/runs/7/pause");
    request.headers.emplace_back("x-csrf-token", web::read_form(request.body).at("csrf"));
    request.body.clear();
    CHECK(status(guard, request) == 0);
}

TEST_CASE("the API takes JSON from our Origin, which another site's page cannot send") {
    Guard guard{{}};
    const auto post = [](std::string path, std::string type) {
        return asking("POST", std::move(path), {{"origin", "http://127.0.0.1:8080"}, {"content-type", std::move(type)}});
    };
    CHECK(status(guard, post("/api/runs/7/pause", "application/json")) == 0);
    CHECK(status(guard, post("/api/runs/7/pause", "application/json; charset=utf-8")) == 0);
    CHECK(status(guard, post("/api/runs/7/pause", "text/plain")) == 403);
    CHECK(status(guard, post("/api/runs/7/pause", "application/json-not")) == 403);
    CHECK(status(guard, post("/runs/7/pause", "application/json")) == 403);
    CHECK(status(guard, post("/apix", "application/json")) == 403);
}

TEST_CASE("a program with the token needs no Origin, but not a foreign one") {
    Guard guard{{.token = "right"}};
    Request request = asking("POST", "/api/runs/7/pause", {{"authorization", "Bearer right"}});
    CHECK(status(guard, request) == 0);
    request.headers.emplace_back("origin", "http://evil.example");
    CHECK(status(guard, request) == 403);
}

TEST_CASE("a session alone does not make a change") {
    Guard guard{{.token = "right"}};
    const std::string cookie = cookie_of(guard.log_in(form(guard, "/login", "token=right")).cookie);
    CHECK(status(guard, asking("POST", "/runs/7/pause", {{"cookie", cookie}})) == 403);
    CHECK(status(guard, asking("POST", "/runs/7/pause", {{"cookie", cookie}, {"origin", "http://127.0.0.1:8080"}})) == 403);
    CHECK(status(guard, form(guard, "/runs/7/pause", "", cookie)) == 0);
}

TEST_CASE("the Origin of a site behind a proxy is the one that the proxy was asked under") {
    Guard guard{{.is_behind_proxy = true, .hosts = {"mill.example.com"}}};
    const auto post = [&](const std::string& origin, std::vector<std::pair<std::string, std::string>> headers) {
        headers.emplace_back("origin", origin);
        headers.emplace_back("content-type", "application/json");
        return status(guard, asking("POST", "/api/runs/7/pause", std::move(headers)));
    };
    CHECK(post("https://mill.example.com", {{"x-forwarded-host", "mill.example.com"}, {"x-forwarded-proto", "https"}}) == 0);
    CHECK(post("https://mill.example.com", {{"host", "mill.example.com"}}) == 0);
    CHECK(post("http://mill.example.com", {{"x-forwarded-host", "mill.example.com"}, {"x-forwarded-proto", "https"}}) == 403);
    CHECK(post("https://evil.example", {{"x-forwarded-host", "mill.example.com"}, {"x-forwarded-proto", "https"}}) == 403);
}

TEST_CASE("a read-only site changes nothing, but lets people in and out") {
    Guard guard{{.is_read_only = true}};
    CHECK(status(guard, form(guard, "/runs/7/pause")) == 403);
    CHECK(status(guard, form(guard, "/jobs/import")) == 403);
    CHECK(status(guard, form(guard, "/login")) == 0);
    Visitor visitor;
    guard.check(asking("GET", "/"), visitor);
    CHECK_FALSE(visitor.may_change);
}

TEST_CASE("a login leads to this site only") {
    CHECK(web::safe_destination("/runs/7?class=a") == "/runs/7?class=a");
    for (const char* to : {"//evil.example", "http://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/../x", "/%0d%0aX: y"}) {
        CAPTURE(to);
        CHECK(web::safe_destination(to) == "/");
    }
}

TEST_CASE("an address to listen on is read") {
    const auto read = [](const std::string& text) {
        const web::Address address = web::parse_address(text);
        return address.host + " " + std::to_string(address.port) + (address.is_loopback() ? " loopback" : "");
    };
    CHECK(read("127.0.0.1:8080") == "127.0.0.1 8080 loopback");
    CHECK(read("[::1]:1") == "::1 1 loopback");
    CHECK(read("localhost:0") == "localhost 0 loopback");
    CHECK(read(":9") == "127.0.0.1 9 loopback");
    CHECK(read("9") == "127.0.0.1 9 loopback");
    CHECK(read("0.0.0.0:80") == "0.0.0.0 80");
    CHECK(read("mill.example.com:80") == "mill.example.com 80");
    for (const char* wrong : {"", "a", "a:", "a:b", "a:70000", "::1:80", "[::1]", "[a]:1", "1:2:3", "a:-1"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(web::parse_address(wrong), Error);
    }
}
