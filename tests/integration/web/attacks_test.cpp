#include "scripted_stream.hpp"
#include "served.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::chrono_literals;
using test::eventually;
using test::get;
using test::RawClient;
using test::Served;

namespace {

std::string post(const std::string& path, const std::string& host, const std::string& headers, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string json_type = "Content-Type: application/json\r\n";
const std::string form_type = "Content-Type: application/x-www-form-urlencoded\r\n";
const std::string params = R"({"params": {"publisher_id": 7}})";

}  // namespace

TEST_CASE("our own page may start a run, which what follows may not") {
    Served served;
    const std::string request = post("/api/jobs/import/runs", served.host(), json_type + "Origin: " + served.origin() + "\r\n", params);
    CHECK(served.ask(request).status == 201);
    CHECK(served.desk.asked().size() == 1);
}

TEST_CASE("another site's page can't start a run") {
    Served served;
    for (const char* origin : {"Origin: http://evil.example\r\n", "Origin: null\r\n", ""}) {
        CHECK(served.ask(post("/api/jobs/import/runs", served.host(), json_type + origin, params)).status == 403);
        CHECK(served.ask(post("/jobs/import", served.host(), form_type + origin, "publisher_id=7")).status == 403);
        CHECK(served.ask(post("/runs/2/cancel", served.host(), form_type + origin, "")).status == 403);
    }
    CHECK(served.desk.asked().empty());
}

TEST_CASE("another site whose name was made to point here is not answered") {
    Served served;
    const std::string evil = "evil.example:" + std::to_string(served.server.port());
    CHECK(served.ask("GET / HTTP/1.1\r\nHost: " + evil + "\r\n\r\n").status == 421);
    CHECK(served.ask(post("/api/jobs/import/runs", evil, json_type + "Origin: http://" + evil + "\r\n", params)).status == 421);
    CHECK(served.desk.asked().empty());
}

TEST_CASE("without the token there is nothing to see and nothing to do") {
    Served served{{}, {.token = "right"}};
    CHECK(served.ask(get("/api/runs", served.server.port())).status == 401);
    CHECK(served.ask(get("/", served.server.port())).header("location") == "/login?to=%2F");
    CHECK(served.ask(get("/runs/2/progress", served.server.port())).status == 401);
    CHECK(served.ask(post("/api/jobs/import/runs", served.host(), json_type + "Origin: " + served.origin() + "\r\n", params)).status == 401);
    CHECK(served.desk.asked().empty());
}

TEST_CASE("with a wrong token there is neither") {
    Served served{{}, {.token = "right"}};
    const std::string wrong = "Authorization: Bearer wrong\r\n";
    CHECK(served.ask(get("/api/runs", served.server.port(), wrong)).status == 401);
    CHECK(served.ask(post("/api/jobs/import/runs", served.host(), json_type + wrong, params)).status == 401);
    CHECK(served.desk.asked().empty());
    CHECK(served.ask(post("/api/jobs/import/runs", served.host(), json_type + "Authorization: Bearer right\r\n", params)).status == 201);
}

TEST_CASE("no path leads out of the site") {
    Served served;
    for (const char* path : {"/../etc/passwd", "/assets/../../etc/passwd", "/jobs/..", "/jobs/../../x"}) {
        CAPTURE(path);
        CHECK(served.ask(get(path, served.server.port())).status == 400);
    }
}

TEST_CASE("nor one that is written in another way") {
    Served served;
    for (const char* path : {"/%2e%2e/etc/passwd", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/jobs/..%2f..%2fx", "/jobs/..%5cx", "/jobs/%00",
                             "//etc/passwd", "/jobs/%c0%ae%c0%ae"}) {
        CAPTURE(path);
        CHECK(served.ask(get(path, served.server.port())).status == 400);
    }
    CHECK(served.ask(get("/jobs/%252e%252e", served.server.port())).status == 404);
}

TEST_CASE("a header that goes on and on is refused") {
    Served served;
    CHECK(served.ask(get("/", served.server.port(), "X: " + std::string(20'000, 'x') + "\r\n")).status == 431);
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "X" + std::to_string(i) + ": 1\r\n";
    CHECK(served.ask(get("/", served.server.port(), many)).status == 431);
    CHECK(served.ask(get("/" + std::string(20'000, 'x'), served.server.port())).status == 414);
}

TEST_CASE("a body that is too large is refused before it is sent, and while it is") {
    Served served;
    const std::string head = "POST /api/jobs/import/runs HTTP/1.1\r\nHost: " + served.host() + "\r\n" + json_type;
    CHECK(served.ask(head + "Content-Length: 100000000000\r\n\r\n").status == 413);
    CHECK(served.ask(head + "Content-Length: 100000000000\r\nExpect: 100-continue\r\n\r\n").status == 413);
    const std::string megabyte(1 << 20, 'x');
    CHECK(served.ask(head + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + megabyte + "\r\n").status == 413);
    CHECK(served.ask(post("/api/jobs/import/runs", served.host(), json_type, megabyte)).status == 413);
}

TEST_CASE("a request that can be read in two ways is refused") {
    Served served;
    const std::string host = "Host: " + served.host() + "\r\n";
    CHECK(served.ask("POST / HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status == 400);
    CHECK(served.ask("POST / HTTP/1.1\r\n" + host + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde").status == 400);
    CHECK(served.ask("GET / HTTP/1.1\r\n" + host + "Host: localhost\r\n\r\n").status == 400);
    CHECK(served.ask("GET / HTTP/1.1\r\n\r\n").status == 400);
    CHECK(served.ask("GET http://localhost/ HTTP/1.1\r\n" + host + "\r\n").status == 400);
    CHECK(served.ask("GET / HTTP/3.0\r\n" + host + "\r\n").status == 505);
    CHECK(served.ask("hello\r\n\r\n").status == 400);
    CHECK(served.ask("GET / HTTP/1.1\r\n" + host + "Bad Header: x\r\n\r\n").status == 400);
}

TEST_CASE("a client that sends its header a byte at a time is let go when its time is up") {
    Served served{{.header_time = 300ms}};
    const auto begin = std::chrono::steady_clock::now();
    RawClient client{served.server.port()};
    const std::string request = get("/", served.server.port(), "X: " + std::string(10'000, 'x') + "\r\n");
    for (const char byte : request) {
        client.send({&byte, 1});
        if (client.is_ended(5ms)) break;
    }
    CHECK(client.is_ended());
    CHECK(client.read().starts_with("HTTP/1.1 408 "));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(eventually([&] { return served.server.connections() == 0; }));
}

TEST_CASE("a client that sends its body a byte at a time is let go when its time is up") {
    Served served{{.body_time = 300ms}};
    RawClient client{served.server.port()};
    client.send("POST /api/jobs/import/runs HTTP/1.1\r\nHost: " + served.host() + "\r\nContent-Length: 10000\r\n\r\n");
    for (int i = 0; i < 10'000 && !client.is_ended(5ms); ++i) client.send("x");
    CHECK(client.read().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a client that says nothing is let go") {
    Served served{{.header_time = 50ms, .idle_time = 50ms}};
    RawClient silent{served.server.port()}, idle{served.server.port()};
    idle.send(get("/healthz", served.server.port()));
    CHECK(idle.answer().status == 200);
    CHECK(idle.is_ended());
    CHECK(silent.is_ended());
}

TEST_CASE("a client that leaves in the middle of its request is told so, and let go") {
    Served served;
    RawClient client{served.server.port()};
    client.send("GET / HTTP/1.1\r\nHost: lo");
    client.send_end();
    CHECK(client.answer().status == 400);
    CHECK(client.is_ended());
    RawClient body{served.server.port()};
    const std::string whole = post("/api/jobs/import/runs", served.host(), json_type + "Origin: " + served.origin() + "\r\n", params);
    body.send(std::string_view{whole}.substr(0, whole.size() - 1));
    body.send_end();
    CHECK(body.answer().status == 400);
    CHECK(served.desk.asked().empty());
}

TEST_CASE("a subscriber that never reads is dropped, and the others go on") {
    test::Script script;
    const web::Server server{{.address = {.host = "127.0.0.1", .port = 0}, .limits = {.write_time = 200ms}}, test::streaming(script)};
    RawClient deaf{server.port()}, other{server.port()};
    for (RawClient* client : {&deaf, &other}) client->send(get("/", server.port()));
    CHECK(eventually([&] { return script.streams() == 2; }));
    const std::string piece(1 << 20, 'x');
    int said = 0;
    CHECK(eventually([&] {
        if (said < 40) {
            script.say(piece + "said " + std::to_string(++said) + ";");
            CHECK(other.read_until("said " + std::to_string(said) + ";"));
        }
        return script.streams() == 1;
    }));
    script.say("still here");
    CHECK(other.read_until("still here"));
}

TEST_CASE("beyond so many connections new ones are turned away, and let in again when there is room") {
    Served served{{.connections = 3}};
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(served.server.port());
        clients.back().send(get("/healthz", served.server.port()));
        CHECK(clients.back().answer().status == 200);
    }
    CHECK(served.ask(get("/healthz", served.server.port())).status == 503);
    clients.clear();
    CHECK(eventually([&] { return served.ask(get("/healthz", served.server.port())).status == 200; }));
}
