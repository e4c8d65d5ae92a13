#include "scripted_stream.hpp"
#include "support/eventually.hpp"
#include "support/raw_client.hpp"
#include "web/server.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <latch>
#include <optional>

using namespace rowmill;
using namespace std::chrono_literals;
using test::eventually;
using test::get;
using test::RawClient;
using test::streaming;

namespace {

web::ServerOptions any_port(web::Limits limits = {}) {
    return {.address = {.host = "127.0.0.1", .port = 0}, .limits = limits};
}

/// What was asked for, as it was understood.
web::Response echo(const web::Request& request) {
    return web::text(request.method + " " + request.path + "\n" + request.body);
}

}  // namespace

TEST_CASE("a request is answered, and the connection stays open for the next") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    for (const char* path : {"/one", "/two"}) {
        REQUIRE(client.send(get(path, server.port())));
        const test::RawAnswer answer = client.answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == "GET " + std::string{path} + "\n");
        CHECK(answer.header("connection") == "keep-alive");
    }
}

TEST_CASE("requests that come at once are answered in their order") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    std::string all;
    for (int i = 0; i < 50; ++i) all += get("/" + std::to_string(i), server.port());
    REQUIRE(client.send(all));
    for (int i = 0; i < 50; ++i) CHECK(client.answer().body == "GET /" + std::to_string(i) + "\n");
}

TEST_CASE("a client that says close is answered and let go") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    REQUIRE(client.send(get("/", server.port(), "Connection: close\r\n")));
    CHECK(client.answer().header("connection") == "close");
    CHECK(client.is_ended());
}

TEST_CASE("HEAD is answered with the length of what GET would be answered with") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    REQUIRE(client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/b", server.port())));
    CHECK(client.answer(true).header("content-length") == "8");
    CHECK(client.answer().body == "GET /b\n");
}

TEST_CASE("a client that has nothing more to send is answered") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    REQUIRE(client.send(get("/", server.port())));
    client.send_end();
    CHECK(client.answer().status == 200);
    CHECK(client.is_ended());
}

TEST_CASE("a body is read, with its length said or in chunks") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    REQUIRE(client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"));
    CHECK(client.answer().body == "POST /a\nhello");
    REQUIRE(client.send("POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"));
    CHECK(client.answer().body == "POST /b\nhello");
}

TEST_CASE("a client that asks first whether to send its body is told to") {
    const web::Server server{any_port(), echo};
    RawClient client{server.port()};
    REQUIRE(client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
    CHECK(client.answer().status == 100);
    REQUIRE(client.send("hello"));
    CHECK(client.answer().body == "POST /a\nhello");
}

TEST_CASE("a handler that throws is a 500 that does not say why") {
    const web::Server server{any_port(), [](const web::Request&) -> web::Response { throw std::runtime_error{"the secret"}; }};
    RawClient client{server.port()};
    REQUIRE(client.send(get("/", server.port())));
    const test::RawAnswer answer = client.answer();
    CHECK(answer.status == 500);
    CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("a stream is sent as it is written, and ends when it does") {
    test::Script script;
    const web::Server server{any_port(), streaming(script)};
    RawClient client{server.port()};
    script.say("one\n");
    REQUIRE(client.send(get("/", server.port())));
    CHECK(client.read_until("one\n"));
    script.say("two\n");
    CHECK(client.read_until("two\n"));
    script.end();
    CHECK(client.answer().body == "one\ntwo\n");
    CHECK(client.is_ended());
    CHECK(eventually([&] { return script.streams() == 0; }));
}

TEST_CASE("a stream to a client of HTTP/1.0 is not cut into chunks") {
    test::Script script;
    const web::Server server{any_port(), streaming(script)};
    RawClient client{server.port()};
    script.say("one\n");
    script.end();
    REQUIRE(client.send("GET / HTTP/1.0\r\n\r\n"));
    CHECK(client.answer().body == "one\n");
}

TEST_CASE("the stream of a client that goes away is destroyed though nothing is sent") {
    test::Script script;
    const web::Server server{any_port(), streaming(script)};
    RawClient one{server.port()}, two{server.port()};
    script.beat = ": still here\n";
    script.say("hello\n");
    for (RawClient* client : {&one, &two}) {
        REQUIRE(client->send(get("/", server.port())));
        REQUIRE(client->read_until("hello"));
    }
    one.reset();
    two.close();
    CHECK(eventually([&] { return script.streams() == 0 && server.connections() == 0; }, 10s));
}

TEST_CASE("a stream goes on for a client that has said all it had to say") {
    test::Script script;
    const web::Server server{any_port(), streaming(script)};
    RawClient client{server.port()};
    script.beat = ": still here\n";
    script.say("one\n");
    REQUIRE(client.send(get("/", server.port())));
    client.send_end();
    CHECK(client.read_until("still here"));
    script.say("two\n");
    CHECK(client.read_until("two"));
}

TEST_CASE("a stream that has nothing to say sends heartbeats") {
    test::Script script;
    const web::Server server{any_port({.heartbeat_time = 20ms}), streaming(script)};
    RawClient client{server.port()};
    script.beat = ": still here\n";
    REQUIRE(client.send(get("/", server.port())));
    CHECK(client.read_until("still here\n\r\nd\r\n: still here"));
}

TEST_CASE("a server ends with streams open, half a request and an answer in the making") {
    test::Script script;
    std::vector<RawClient> clients;
    {
        const web::Server server{any_port(), streaming(script)};
        for (int i = 0; i < 200; ++i) {
            clients.emplace_back(server.port());
            REQUIRE(clients.back().send(get("/", server.port())));
        }
        script.say("hello\n");
        for (RawClient& client : clients) REQUIRE(client.read_until("hello"));
        clients.emplace_back(server.port());
        REQUIRE(clients.back().send("GET / HT"));
    }
    CHECK(script.streams() == 0);
    for (RawClient& client : clients) CHECK(client.is_ended());
    script.say("to nobody\n");
}

TEST_CASE("an answer that is in the making when the server ends is sent") {
    for (int round = 0; round < 20; ++round) {
        std::latch asked{1}, ending{1};
        std::optional<web::Server> server{std::in_place, any_port(), [&](const web::Request&) {
                                              asked.count_down();
                                              ending.wait();
                                              return web::text("done\n");
                                          }};
        RawClient client{server->port()};
        REQUIRE(client.send(get("/", server->port())));
        asked.wait();
        ending.count_down();
        server.reset();
        CHECK(client.read_until("done\n"));
    }
}

TEST_CASE("an address that is taken, or none, is refused") {
    const web::Server server{any_port(), echo};
    CHECK_THROWS_WITH_AS(web::Server({.address = {.host = "127.0.0.1", .port = server.port()}}, echo),
                         doctest::Contains("Address already in use"), Error);
    CHECK_THROWS_WITH_AS(web::Server({.address = {.host = "no such host", .port = 0}}, echo), doctest::Contains("no such host"), Error);
}
