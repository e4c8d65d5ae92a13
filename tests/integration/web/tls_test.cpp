#include "../http/web_client.hpp"
#include "scripted_stream.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/raw_client.hpp"
#include "web/server.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::chrono_literals;
using test::ask;

namespace {

web::ServerOptions encrypted(const test::Certificate& certificate, web::Limits limits = {}) {
    return {.address = {.host = "127.0.0.1", .port = 0}, .tls_certificate = certificate.file(), .tls_key = certificate.key_file(), .limits = limits};
}

web::Response echo(const web::Request& request) {
    return web::text(std::string{request.is_tls ? "encrypted " : "plain "} + request.path + " " + request.body);
}

}  // namespace

TEST_CASE("with a certificate requests are answered over TLS") {
    const test::Certificate certificate;
    const web::Server server{encrypted(certificate), echo};
    http::Client client{{.ca_file = certificate.file()}};
    CHECK(server.url().starts_with("https://127.0.0.1:"));
    for (int i = 0; i < 3; ++i) {
        http::Request request{.method = "POST", .url = server.url() + "/a", .headers = {}, .body = "hello"};
        CHECK(std::get<http::Response>(ask(client, std::move(request)).wait()).body == "encrypted /a hello");
    }
}

TEST_CASE("a stream over TLS comes to its end") {
    test::Script script;
    const test::Certificate certificate;
    const web::Server server{encrypted(certificate), test::streaming(script)};
    http::Client client{{.ca_file = certificate.file()}};
    auto asked = ask(client, server.url() + "/");
    CHECK(test::eventually([&] { return script.streams() == 1; }));
    script.say("one\n");
    script.say("two\n");
    script.end();
    CHECK(std::get<http::Response>(asked.wait()).body == "one\ntwo\n");
}

TEST_CASE("the stream of a TLS client that goes away is destroyed") {
    test::Script script;
    const test::Certificate certificate;
    const web::Server server{encrypted(certificate), test::streaming(script)};
    {
        http::Client client{{.ca_file = certificate.file()}};
        auto asked = ask(client, server.url() + "/");
        CHECK(test::eventually([&] { return script.streams() == 1; }));
    }
    CHECK(test::eventually([&] { return script.streams() == 0 && server.connections() == 0; }));
}

TEST_CASE("who does not speak TLS to a TLS server is let go") {
    const test::Certificate certificate;
    const web::Server server{encrypted(certificate, {.header_time = 100ms}), echo};
    test::RawClient plain{server.port()}, silent{server.port()};
    plain.send(test::get("/", server.port()));
    CHECK(plain.is_ended());
    CHECK(plain.read().find("HTTP/1.1") == std::string::npos);
    CHECK(silent.is_ended());
}

TEST_CASE("a certificate that can't be read, or is not the key's, is refused") {
    const test::Certificate one, other;
    web::ServerOptions options = encrypted(one);
    options.tls_certificate = "/no/such/file.pem";
    CHECK_THROWS_WITH_AS(web::Server(options, echo), doctest::Contains("/no/such/file.pem"), Error);
    options = encrypted(one);
    options.tls_key = other.key_file();
    CHECK_THROWS_WITH_AS(web::Server(options, echo), doctest::Contains("TLS key"), Error);
}
