#include "db/login.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using db::parse_dsn;

namespace {

std::string refusal_of(std::string_view dsn) {
    try {
        parse_dsn(dsn);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a DSN names user, password, host, port and database") {
    const db::Endpoint endpoint = parse_dsn("mysql://app:secret@db1:3307/shop");
    CHECK(endpoint.user == "app");
    CHECK(endpoint.password == "secret");
    CHECK(endpoint.host == "db1");
    CHECK(endpoint.port == 3307);
    CHECK(endpoint.database == "shop");
    CHECK(endpoint.socket.empty());
}

TEST_CASE("what a DSN leaves out keeps its default") {
    const db::Endpoint endpoint = parse_dsn("mysql://db1");
    CHECK(endpoint.port == 3306);
    CHECK(endpoint.user.empty());
    CHECK(endpoint.database.empty());
    CHECK(endpoint.ssl_mode == db::SslMode::preferred);
}

TEST_CASE("what a DSN leaves out is taken from the base") {
    db::Endpoint base;
    base.user = "nightly";
    base.password = "p";
    base.socket = "/run/mysqld/mysqld.sock";
    const db::Endpoint endpoint = parse_dsn("mysql://db1/shop", base);
    CHECK(endpoint.user == "nightly");
    CHECK(endpoint.password == "p");
    CHECK(endpoint.host == "db1");
    CHECK(endpoint.socket.empty());
}

TEST_CASE("percent-encoding hides any character from a DSN's grammar") {
    const db::Endpoint endpoint = parse_dsn("mysql://a%40b:p%40%3A%2F%25%3F@db1/my%2Fshop");
    CHECK(endpoint.user == "a@b");
    CHECK(endpoint.password == "p@:/%?");
    CHECK(endpoint.database == "my/shop");
}

TEST_CASE("a colon, a slash or an @ in a password is understood even when not encoded") {
    CHECK(parse_dsn("mysql://app:a:b/c@d@db1/shop").password == "a:b/c@d");
    CHECK(parse_dsn("mysql://app:a:b/c@d@db1/shop").host == "db1");
}

TEST_CASE("an IPv6 address stands in brackets") {
    CHECK(parse_dsn("mysql://app@[::1]:3307/shop").host == "::1");
    CHECK(parse_dsn("mysql://app@[::1]:3307/shop").port == 3307);
    CHECK(parse_dsn("mysql://app@[fe80::1]").port == 3306);
}

TEST_CASE("options name the socket and the TLS mode") {
    const db::Endpoint endpoint = parse_dsn(
        "mysql://root@localhost/?socket=%2Ftmp/a.sock&ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem&connect-timeout=3");
    CHECK(endpoint.socket == "/tmp/a.sock");
    CHECK(endpoint.ssl_mode == db::SslMode::verify_identity);
    CHECK(endpoint.ssl_ca == "/ca.pem");
    CHECK(endpoint.connect_timeout == std::chrono::seconds{3});
}

TEST_CASE("an authority without a mode is verified") {
    CHECK(parse_dsn("mysql://db1/?ssl-ca=/ca.pem").ssl_mode == db::SslMode::verify_ca);
    CHECK(parse_dsn("mysql://db1/?ssl-ca=/ca.pem&ssl-mode=required").ssl_mode == db::SslMode::required);
}

TEST_CASE("an unknown option is refused with the nearest known one") {
    CHECK(refusal_of("mysql://db1/?ssl_mode=required").find("did you mean \"ssl-mode\"?") != std::string::npos);
    CHECK(refusal_of("mysql://db1/?wibble=1").find("known are socket") != std::string::npos);
}

TEST_CASE("what is no DSN is refused") {
    CHECK(refusal_of("postgres://db1").find("mysql://") != std::string::npos);
    CHECK(refusal_of("mysql://db1:0/").find("port") != std::string::npos);
    CHECK(refusal_of("mysql://db1:70000/").find("port") != std::string::npos);
    CHECK(refusal_of("mysql://[::1/").find("]") != std::string::npos);
    CHECK(refusal_of("mysql://db1/?ssl-mode=sometimes").find("verify_ca") != std::string::npos);
}

TEST_CASE("no refusal repeats the password") {
    for (const char* dsn : {"mysql://app:hunter2%zz@db1/", "mysql://app:hunter2", "mysql://app:x?hunter2=1@db1/",
                            "mysql://app:hunter2@db1/?nonsense=1", "mysql://app:hunter2/db1", "app:hunter2@db1"}) {
        CAPTURE(dsn);
        const std::string refusal = refusal_of(dsn);
        CHECK(refusal != "accepted");
        CHECK(refusal.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("an endpoint is shown without its password") {
    CHECK(parse_dsn("mysql://app:secret@db1:3307/shop").display() == "app@db1:3307/shop");
    CHECK(parse_dsn("mysql://app:secret@[::1]/shop").display() == "app@[::1]:3306/shop");
    CHECK(parse_dsn("mysql://app:secret@localhost/shop?socket=/tmp/a.sock").display() == "app@/tmp/a.sock/shop");
    CHECK(parse_dsn("mysql://app:secret@localhost").display() == "app@localhost");
}
