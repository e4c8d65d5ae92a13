#include "db/session.hpp"

#include "support/mariadb.hpp"
#include "support/process.hpp"
#include "support/server.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

using namespace rowmill;

namespace {

ErrorKind kind_of_refusal(const db::Endpoint& endpoint) {
    try {
        const db::Session session{endpoint, {}};
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("connected");
    return ErrorKind::internal;
}

std::string cipher_of(const db::Endpoint& endpoint) {
    db::Session session{endpoint, {}};
    return session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").text(0, 1);
}

/// A folder with certificates that vouch for themselves: one of "localhost", one of another host.
class Certificates {
public:
    Certificates() {
        std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
        make("localhost");
        make("elsewhere");
    }

    std::string certificate(const std::string& host) const { return folder_.path() + "/" + host + ".pem"; }
    std::string key(const std::string& host) const { return folder_.path() + "/" + host + ".key"; }

private:
    void make(const std::string& host) const {
        const auto made = test::run_process({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                                             "-subj", "/CN=" + host, "-addext", "subjectAltName=DNS:" + host, "-keyout",
                                             key(host), "-out", certificate(host)});
        REQUIRE_MESSAGE(made.succeeded(), made.errors);
        // The server reads it under its own account.
        std::filesystem::permissions(key(host), std::filesystem::perms{0644});
    }

    test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("each TLS mode holds what it says") {
    const Certificates made;
    const test::MariaDb server{{"--ssl-cert=" + made.certificate("localhost"), "--ssl-key=" + made.key("localhost")}};
    db::Endpoint endpoint = server.endpoint();

    endpoint.ssl_mode = db::SslMode::disabled;
    CHECK(cipher_of(endpoint).empty());
    endpoint.ssl_mode = db::SslMode::preferred;  // over a socket, as MySQL's clients: without
    CHECK(cipher_of(endpoint).empty());
    endpoint.ssl_mode = db::SslMode::required;
    CHECK_FALSE(cipher_of(endpoint).empty());

    endpoint.ssl_mode = db::SslMode::verify_ca;
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
    endpoint.ssl_ca = made.certificate("localhost");
    CHECK_FALSE(cipher_of(endpoint).empty());
    endpoint.ssl_mode = db::SslMode::verify_identity;
    CHECK_FALSE(cipher_of(endpoint).empty());

    endpoint.ssl_ca = made.certificate("elsewhere");
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
    endpoint.ssl_mode = db::SslMode::verify_ca;
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
    endpoint.ssl_ca = "/nonexistent/ca.pem";
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
}

TEST_CASE("a certificate of another host is enough for verify_ca, not for verify_identity") {
    const Certificates made;
    const test::MariaDb server{{"--ssl-cert=" + made.certificate("elsewhere"), "--ssl-key=" + made.key("elsewhere")}};
    db::Endpoint endpoint = server.endpoint();
    endpoint.ssl_ca = made.certificate("elsewhere");
    endpoint.ssl_mode = db::SslMode::verify_ca;
    CHECK_FALSE(cipher_of(endpoint).empty());
    endpoint.ssl_mode = db::SslMode::verify_identity;
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
}

TEST_CASE("TLS that is required and not offered is refused, and what is preferred is done without") {
    const test::MariaDb server;
    db::Endpoint endpoint = server.endpoint();
    endpoint.ssl_mode = db::SslMode::required;
    CHECK(kind_of_refusal(endpoint) == ErrorKind::usage);
    endpoint.ssl_mode = db::SslMode::preferred;
    CHECK(db::Session{endpoint, {}}.usable());
}

TEST_CASE("an account of caching_sha2_password logs in with and without TLS") {
    test::Schema schema;
    db::Endpoint endpoint = schema.endpoint();
    if (schema.session().server().is_mariadb()) return;  // has no such accounts
    const std::string account = schema.name() + "@'%'";
    schema.execute("CREATE USER " + account + " IDENTIFIED WITH caching_sha2_password BY 'p@ss'");
    schema.execute("GRANT ALL ON " + db::quote_name(schema.name()) + ".* TO " + account);
    endpoint.user = schema.name();
    endpoint.password = "p@ss";
    for (const auto mode : {db::SslMode::disabled, db::SslMode::preferred}) {
        schema.execute("FLUSH PRIVILEGES");  // empties the server's cache: the whole password has to be sent, encrypted
        endpoint.ssl_mode = mode;
        CHECK(db::Session{endpoint, {}}.usable());
    }
    schema.execute("DROP USER " + account);
}
