#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "web_client.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <filesystem>

using namespace rowmill;
using test::ask;
using test::HttpServer;

namespace {

std::ptrdiff_t threads() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, std::filesystem::directory_iterator{});
}

http::Response response_to(http::Client& client, const std::string& url) {
    return std::get<http::Response>(ask(client, url).wait());
}

http::Fault fault_of(http::Client& client, const std::string& url) {
    return std::get<http::Fault>(ask(client, url).wait());
}

}  // namespace

TEST_CASE("two thousand requests are in flight at once, on one thread") {
    const HttpServer server;
    const std::ptrdiff_t before = threads();
    http::Client client{{.per_host = 2000, .overall = 2000}};
    std::vector<test::Asked> asked;
    for (int i = 0; i < 2000; ++i) asked.push_back(ask(client, server.url("/gate/2000")));
    CHECK(threads() == before + 1);
    for (test::Asked& one : asked) CHECK(std::get<http::Response>(one.wait()).status == 200);
    CHECK(server.counts().peak == 2000);
}

TEST_CASE("no more requests to one host are at work than per_host") {
    const HttpServer server;
    http::Client client{{.per_host = 4, .overall = 100}};
    std::vector<test::Asked> asked;
    for (int i = 0; i < 40; ++i) asked.push_back(ask(client, server.url("/gate/4")));
    for (test::Asked& one : asked) CHECK(std::get<http::Response>(one.wait()).status == 200);
    CHECK(server.counts().peak == 4);
}

TEST_CASE("no more requests are at work at all than overall") {
    const HttpServer server;
    http::Client client{{.per_host = 100, .overall = 3}};
    std::vector<test::Asked> asked;
    for (int i = 0; i < 30; ++i) asked.push_back(ask(client, server.url("/gate/3")));
    for (test::Asked& one : asked) CHECK(std::get<http::Response>(one.wait()).status == 200);
    CHECK(server.counts().peak == 3);
}

TEST_CASE("connections are kept and used again") {
    const HttpServer server;
    http::Client client{{.per_host = 4, .overall = 100}};
    std::vector<test::Asked> asked;
    for (int i = 0; i < 200; ++i) asked.push_back(ask(client, server.url("/ok")));
    for (test::Asked& one : asked) CHECK(std::get<http::Response>(one.wait()).status == 200);
    CHECK(server.counts().connections <= 4 + 1);  // and the one that counts came over
}

TEST_CASE("a request that hangs is broken off when it is cancelled, and its connection is closed") {
    const HttpServer server;
    http::Client client{{}};
    test::Asked hanging = ask(client, server.url("/hang"));
    REQUIRE(test::eventually([&] { return server.counts().at_work == 1; }));
    client.cancel(hanging.id);
    CHECK(std::get<http::Fault>(hanging.wait()).kind == http::Fault::Kind::cancelled);
    CHECK(test::eventually([&] { return server.counts().at_work == 0; }));
}

TEST_CASE("a request that is cancelled while it waits for its turn is never sent, and takes nobody's place") {
    const HttpServer server;
    http::Client client{{.per_host = 1}};
    test::Asked hanging = ask(client, server.url("/hang")), waiting = ask(client, server.url("/hang"));
    test::Asked last = ask(client, server.url("/ok"));
    client.cancel(waiting.id);
    CHECK(std::get<http::Fault>(waiting.wait()).kind == http::Fault::Kind::cancelled);
    client.cancel(hanging.id);
    CHECK(std::get<http::Response>(last.wait()).status == 200);
    CHECK(server.counts().requests <= 2);
}

TEST_CASE("a client that goes away answers all that it was asked") {
    const HttpServer server;
    auto client = std::make_unique<http::Client>(http::Options{.per_host = 2});
    std::vector<test::Asked> asked;
    for (int i = 0; i < 10; ++i) asked.push_back(ask(*client, server.url("/hang")));
    client.reset();
    for (test::Asked& one : asked) CHECK(std::get<http::Fault>(one.wait()).kind == http::Fault::Kind::cancelled);
}

TEST_CASE("the last one to be answered may let go of the client") {
    const HttpServer server;
    auto client = std::make_shared<http::Client>(http::Options{});
    std::promise<int> promise;
    http::Request request;
    request.url = server.url("/ok");
    http::Client& started = *client;
    started.start(std::move(request), [&promise, held = std::move(client)](const http::Answer& answer) mutable {
        held.reset();
        promise.set_value(std::get<http::Response>(answer).status);
    });
    std::future<int> status = promise.get_future();
    CHECK(test::within_time(status) == 200);
}

TEST_CASE("a receiver that throws does no harm to the others") {
    const HttpServer server;
    http::Client client{{}};
    http::Request request;
    request.url = server.url("/ok");
    client.start(request, [](const http::Answer&) { throw std::runtime_error{"on purpose"}; });
    CHECK(response_to(client, server.url("/ok")).status == 200);
}

TEST_CASE("a redirect is an answer, and is not followed") {
    const HttpServer server;
    http::Client client{{}};
    const http::Response response = response_to(client, server.url("/status/302?Location=http://127.0.0.1:1/else"));
    CHECK(response.status == 302);
    CHECK(response.location == "http://127.0.0.1:1/else");
    CHECK(server.counts().requests == 1);
}

TEST_CASE("only the beginning of a body is kept") {
    const HttpServer server;
    http::Client client{{.kept_bytes = 3}};
    CHECK(response_to(client, server.url("/status/200")).body == "sta");
}

TEST_CASE("a body without end is broken off at the bound") {
    const HttpServer server;
    http::Client client{{.read_bytes = 1 << 20}};
    CHECK(fault_of(client, server.url("/endless")).kind == http::Fault::Kind::too_long);
    CHECK(test::eventually([&] { return server.counts().at_work == 0; }));
}

TEST_CASE("no child process inherits a connection") {
    const HttpServer server;
    http::Client client{{}};
    const test::Asked hanging = ask(client, server.url("/hang"));
    REQUIRE(test::eventually([&] { return server.counts().at_work == 1; }));
    int connections = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        const int descriptor = std::stoi(entry.path().filename());
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
        if (address.ss_family != AF_INET) continue;
        ++connections;
        CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(connections == 1);
}

TEST_CASE("nothing but http and https is asked") {
    http::Client client{{}};
    CHECK(fault_of(client, "file:///etc/passwd").kind == http::Fault::Kind::url);
}

TEST_CASE("a certificate that nobody vouches for is refused, and one that the file of authorities holds is not") {
    const test::Certificate certificate;
    const HttpServer server{certificate};
    http::Client wary{{}};
    CHECK(fault_of(wary, server.url("/ok")).kind == http::Fault::Kind::certificate);
    http::Client knowing{{.ca_file = certificate.file()}};
    CHECK(response_to(knowing, server.url("/ok")).body == "ok");
}

TEST_CASE("a host that can't be found is a matter of connecting") {
    http::Client client{{}};
    CHECK(fault_of(client, "http://no-such-host.invalid/").kind == http::Fault::Kind::connect);
}
