#include "support/http_server.hpp"
#include "web_action.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace rowmill;
using test::HttpServer;
using test::post_to;
using test::WebAction;
using Kind = Outcome::Kind;

namespace {

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server that says 200 makes the row a success, of which the log says nothing") {
    const HttpServer server;
    WebAction action{post_to(server.url("/ok"))};
    CHECK(action.outcome() == success());
    CHECK(action.log().empty());
}

TEST_CASE("a server that refuses connections is tried again, and the log says for which row") {
    WebAction action{post_to(test::closed_url())};
    const Outcome outcome = action.outcome({.id = 42}, 3);
    CHECK(outcome.kind == Kind::retry);
    CHECK(outcome.error_class == "connect");
    CHECK_FALSE(outcome.delay);
    REQUIRE(action.log().size() == 1);
    CHECK(action.log()[0] == "key 42, attempt 3: " + outcome.reason);
}

TEST_CASE("a server that hangs is left when the row's time is up, at once") {
    const HttpServer server;
    WebAction action{post_to(server.url("/hang"))};
    std::stop_source stop;
    std::jthread clock{[&] {
        while (server.counts().at_work == 0) std::this_thread::yield();
        stop.request_stop();
    }};
    CHECK(action.outcome({}, 1, stop.get_token()).error_class == "cancelled");
}

TEST_CASE("a row whose time was up before it began is answered all the same") {
    const HttpServer server;
    WebAction action{post_to(server.url("/hang"))};
    std::stop_source stop;
    stop.request_stop();
    CHECK(action.outcome({}, 1, stop.get_token()).error_class == "cancelled");
}

TEST_CASE("an answer whose body is cut is no answer: the row is tried again") {
    const HttpServer server;
    WebAction action{post_to(server.url("/cut"))};
    const Outcome outcome = action.outcome();
    CHECK(outcome.kind == Kind::retry);
    CHECK(outcome.error_class == "cut");
}

TEST_CASE("429 with Retry-After waits as long as the server asks, and the log shows it each time") {
    const HttpServer server;
    WebAction action{post_to(server.url("/status/429?Retry-After=3"))};
    for (int i = 0; i < 2; ++i) {
        const Outcome outcome = action.outcome({.id = 9});
        CHECK(outcome.kind == Kind::retry);
        CHECK(outcome.error_class == "http 429");
        CHECK(outcome.delay == std::chrono::seconds{3});
    }
    REQUIRE(action.log().size() == 2);
    CHECK(action.log()[1] == "key 9, attempt 1: answered 429: status 429; it asks to wait for 3 s");
}

TEST_CASE("500 three times and then 200: three retries under one Idempotency-Key, and a success") {
    const HttpServer server;
    WebAction action{post_to(server.url("/flaky/3"))};
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        const Outcome outcome = action.outcome({}, attempt);
        CHECK(outcome.kind == Kind::retry);
        CHECK(outcome.error_class == "http 500");
        CHECK_FALSE(outcome.delay);
    }
    CHECK(action.outcome({}, 4) == success());
    const std::vector<std::string> keys = server.counts().keys;
    REQUIRE(keys.size() == 4);
    CHECK(keys[0].size() == 32);
    CHECK(keys == std::vector<std::string>(4, keys[0]));
}

TEST_CASE("each row has an Idempotency-Key of its own") {
    const HttpServer server;
    WebAction action{post_to(server.url("/ok"))};
    action.outcome({.id = 1});
    action.outcome({.id = 2});
    const std::vector<std::string> keys = server.counts().keys;
    CHECK(keys.at(0) != keys.at(1));
}

TEST_CASE("an answer without end is a failure") {
    const HttpServer server;
    WebAction action{post_to(server.url("/endless"))};
    const Outcome outcome = action.outcome();
    CHECK(outcome.kind == Kind::failure);
    CHECK(outcome.error_class == "too long");
}

TEST_CASE("a bad certificate stops the run and says what to do, as it would fail every row") {
    const test::Certificate certificate;
    const HttpServer server{certificate};
    WebAction action{post_to(server.url("/ok"))};
    const engine::Reply::Answer answer = action.answer({});
    REQUIRE(std::holds_alternative<Error>(answer));
    CHECK(std::get<Error>(answer).kind() == ErrorKind::fatal);
    CHECK(holds(std::get<Error>(answer).what(), "SSL_CERT_FILE"));
}

TEST_CASE("SSL_CERT_FILE names whom to trust") {
    const test::Certificate certificate;
    const HttpServer server{certificate};
    ::setenv("SSL_CERT_FILE", certificate.file().c_str(), 1);
    WebAction action{post_to(server.url("/ok"))};
    ::unsetenv("SSL_CERT_FILE");
    CHECK(action.outcome() == success());
}

TEST_CASE("404 is a failure with what the server said, and a redirect one with where to") {
    const HttpServer server;
    WebAction missing{post_to(server.url("/status/404"))};
    CHECK(missing.outcome() == failure("answered 404: status 404", "http 404"));
    WebAction moved{post_to(server.url("/status/301?Location=/elsewhere"))};
    CHECK(moved.outcome() == failure("answered 301, to /elsewhere; redirects are not followed", "http 301"));
}

TEST_CASE("a secret that comes back in an answer is masked in the reason and in the log") {
    const HttpServer server;
    job::ActionSpec spec = post_to(server.url("/status/301?Location=/login/hunter2/{:pass}"));
    spec.secrets = {"hunter2"};
    job::ParamSpec pass;
    pass.name = "pass";
    pass.secret = true;
    WebAction action{spec, {{pass, Value::text("sesame")}}};
    const std::string reason = action.outcome().reason;
    CHECK(holds(reason, "/login/***/***"));
    CHECK(action.log().at(0) == "key 1, attempt 1: " + reason);
}

TEST_CASE("what a cut leaves of a secret in an answer is not shown, nor a secret as it stands in a URL") {
    const HttpServer server;
    job::ActionSpec spec = post_to(server.url("/status/301?Location=/" + std::string(185, 'a') + "{:pass}"));
    job::ParamSpec pass;
    pass.name = "pass";
    pass.secret = true;
    WebAction cut{spec, {{pass, Value::text("sesame-and-more")}}};
    CHECK(holds(cut.outcome().reason, std::string(185, 'a') + "***;"));
    WebAction encoded{post_to(server.url("/status/301?Location=/%257Bsesame%257D")), {{pass, Value::text("{sesame}")}}};
    CHECK(holds(encoded.outcome().reason, "to /***;"));
}
