#include "served.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <vector>

using namespace rowmill;
using test::eventually;
using test::get;
using test::RawClient;
using test::Served;

namespace {

/// A store that does not answer for a while: the first calls wait until it is let go.
struct Freeze {
    Freeze(Served& served, int calls) {
        served.desk.fail_with([this, calls] {
            if (++come <= calls) thaw.wait();
        });
    }

    std::atomic<int> come{0};
    std::latch thaw{1};
};

std::string change(const Served& served, const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: " + served.host() + "\r\nOrigin: " + served.origin() +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<RawClient> clients_that_start(const Served& served, int count) {
    std::vector<RawClient> clients;
    for (int i = 0; i < count; ++i) {
        clients.emplace_back(served.server.port());
        CHECK(clients.back().send(change(served, "/api/jobs/nightly/runs", "{}")));
    }
    return clients;
}

}  // namespace

TEST_CASE("with eight starts that wait for the store what nobody has to be asked for is answered, and so are looks") {
    Served served;
    Freeze freeze{served, 8};
    std::vector<RawClient> clients = clients_that_start(served, 8);
    CHECK(eventually([&] { return freeze.come == 8; }));
    for (const char* path : {"/assets/style.css", "/favicon.ico", "/runs/2", "/api/runs", "/healthz"}) {
        CAPTURE(path);
        CHECK(served.ask(get(path, served.server.port())).status == 200);
    }
    freeze.thaw.count_down();
    for (RawClient& client : clients) CHECK(client.answer().status == 201);
}

TEST_CASE("with eight starts that wait for a table a run can be paused, cancelled and set") {
    Served served;
    Freeze freeze{served, 8};
    std::vector<RawClient> clients = clients_that_start(served, 8);
    CHECK(eventually([&] { return freeze.come == 8; }));
    for (const std::string verb : {"pause", "cancel", "set"}) {
        CAPTURE(verb);
        const std::string body = verb == "set" ? R"({"settings": {"rate": 5}})" : "{}";
        RawClient client{served.server.port()};
        CHECK(client.send(change(served, "/api/runs/2/" + verb, body)));
        CHECK(client.read_until("HTTP/1.1 200 "));
    }
    freeze.thaw.count_down();
    for (RawClient& client : clients) CHECK(client.answer().status == 201);
}

TEST_CASE("with looks that wait for the store what nobody has to be asked for is answered") {
    Served served{{}, {.token = "right"}};
    Freeze freeze{served, 4};
    std::vector<RawClient> clients;
    for (int i = 0; i < 6; ++i) {
        clients.emplace_back(served.server.port());
        CHECK(clients.back().send(get("/healthz", served.server.port())));
    }
    CHECK(eventually([&] { return freeze.come == 4; }));
    for (const char* path : {"/assets/page.js", "/login"}) CHECK(served.ask(get(path, served.server.port())).status == 200);
    freeze.thaw.count_down();
    for (RawClient& client : clients) CHECK(client.answer().status == 200);
}

TEST_CASE("changes beyond those that may wait are refused at once, and nothing comes of them") {
    Served served{{.begin_threads = 1, .waiting_changes = 2}};
    Freeze freeze{served, 1};
    std::vector<RawClient> clients = clients_that_start(served, 7);
    const auto is_refused = [](RawClient& client) {
        client.read_more_within(std::chrono::milliseconds{5});
        return client.read().starts_with("HTTP/1.1 503 ");
    };
    CHECK(eventually([&] { return std::ranges::count_if(clients, is_refused) == 4; }));
    freeze.thaw.count_down();
    int begun = 0;
    for (RawClient& client : clients) {
        const test::RawAnswer answer = client.answer();
        begun += answer.status == 201;
        if (answer.status == 201) continue;
        CHECK(answer.status == 503);
        CHECK(answer.header("retry-after") == "5");
        CHECK(answer.body.starts_with("{\"error\":"));
    }
    CHECK(begun == 3);
    CHECK(served.desk.asked().size() == 3);
}

TEST_CASE("strangers who ask for changes take no place of those that wait, with a token wrong or missing as from another site") {
    Served served{{.begin_threads = 1, .waiting_changes = 2}, {.token = "right"}};
    Freeze freeze{served, 1};
    const auto start = [&served](const std::string& headers) {
        RawClient client{served.server.port()};
        CHECK(client.send("POST /api/jobs/nightly/runs HTTP/1.1\r\nHost: " + served.host() + "\r\n" + headers +
                          "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));
        return client;
    };
    const std::string right = "Authorization: Bearer right\r\n";
    RawClient first = start(right);
    CHECK(eventually([&] { return freeze.come == 1; }));
    for (int i = 0; i < 5; ++i) {
        CHECK(start("").answer().status == 401);
        CHECK(start(right + "Origin: http://elsewhere.example\r\nSec-Fetch-Site: cross-site\r\n").answer().status == 403);
    }
    CHECK(start("Authorization: Bearer wrong\r\n").answer().status == 401);
    RawClient second = start(right);
    freeze.thaw.count_down();
    CHECK(first.answer().status == 201);
    CHECK(second.answer().status == 201);
}
