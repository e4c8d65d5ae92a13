#include "db/connector.hpp"
#include "db/session.hpp"

#include "support/eventually.hpp"
#include "support/mariadb.hpp"
#include "support/server.hpp"
#include "support/tcp_proxy.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

using namespace rowmill;
using std::chrono::steady_clock;

namespace {

Error error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return Error{ErrorKind::internal, "no error"};
}

bool blocks_in(db::Session& observer, std::uint64_t connection, const std::string& statement) {
    const auto result =
        observer.query("SELECT 1 FROM information_schema.processlist WHERE id = " + std::to_string(connection) +
                       " AND info LIKE '%" + statement + "%'");
    return !result.empty();
}

/// Listens on a port of this machine and answers nobody.
class SilentListener {
public:
    SilentListener() : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address_), size) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
    }
    ~SilentListener() { ::close(socket_); }
    SilentListener(const SilentListener&) = delete;
    SilentListener& operator=(const SilentListener&) = delete;

    unsigned port() const { return ntohs(address_.sin_port); }

private:
    int socket_;
    sockaddr_in address_{};
};

}  // namespace

TEST_CASE("the server says who it is") {
    test::Schema schema;
    const db::Server& server = schema.session().server();
    const std::string version = schema.scalar("SELECT VERSION()");
    CHECK(server.version_text == version);
    CHECK(server.is_mariadb() == (version.find("MariaDB") != std::string::npos));
    CHECK(server.has_array_binding == server.is_mariadb());
    CHECK(server.has_skip_locked);
    CHECK_FALSE(server.read_only);
    CHECK(server.host == schema.scalar("SELECT @@hostname"));
    CHECK(std::to_string(server.server_id) == schema.scalar("SELECT @@server_id"));
    if (!server.is_mariadb()) CHECK(server.uuid == schema.scalar("SELECT @@server_uuid"));
    CHECK(std::to_string(schema.session().connection_id()) == schema.scalar("SELECT CONNECTION_ID()"));
    CHECK(std::to_string(schema.session().max_allowed_packet()) == schema.scalar("SELECT @@max_allowed_packet"));
}

TEST_CASE("a wrong password is the user's mistake, and is not repeated") {
    db::Endpoint endpoint = test::server_endpoint();
    endpoint.user = "nobody_of_rowmill";
    endpoint.password = "hunter2";
    const Error error = error_of([&] { db::Session{endpoint, {}}; });
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.server_code == 1045);
    CHECK(std::string{error.what()}.find("hunter2") == std::string::npos);
    CHECK(std::string{error.what()}.find("nobody_of_rowmill@") != std::string::npos);
}

TEST_CASE("an unknown database is the user's mistake") {
    db::Endpoint endpoint = test::server_endpoint();
    endpoint.database = "rowmill_no_such_database";
    const Error error = error_of([&] { db::Session{endpoint, {}}; });
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.server_code == 1049);
}

TEST_CASE("a socket, a port or a host where nobody listens may come back") {
    db::Endpoint endpoint;
    endpoint.socket = "/nonexistent/mysqld.sock";
    CHECK(error_of([&] { db::Session{endpoint, {}}; }).kind() == ErrorKind::disconnected);
    endpoint.socket.clear();
    endpoint.host = "127.0.0.1";
    endpoint.port = 1;
    CHECK(error_of([&] { db::Session{endpoint, {}}; }).kind() == ErrorKind::disconnected);
    endpoint.host = "no-such-host.invalid";
    CHECK(error_of([&] { db::Session{endpoint, {}}; }).kind() == ErrorKind::disconnected);
}

TEST_CASE("a server that accepts and never answers is given up after the connect timeout") {
    const SilentListener listener;
    db::Endpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.port = listener.port();
    endpoint.connect_timeout = std::chrono::seconds{1};
    const auto start = steady_clock::now();
    CHECK(error_of([&] { db::Session{endpoint, {}}; }).kind() == ErrorKind::disconnected);
    CHECK(steady_clock::now() - start < std::chrono::seconds{5});
}

TEST_CASE("no server can make rowmill send a file") {
    test::Schema schema;
    schema.execute("CREATE TABLE t (line TEXT)");
    const Error error = error_of([&] { schema.execute("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t"); });
    CHECK(error.kind() == ErrorKind::fatal);
}

TEST_CASE("a killed connection is lost for good") {
    test::Schema schema;
    db::Session victim{schema.endpoint(), {}};
    victim.execute("BEGIN");
    schema.execute("KILL CONNECTION " + std::to_string(victim.connection_id()));
    CHECK(error_of([&] { victim.query("SELECT 1"); }).kind() == ErrorKind::disconnected);
    CHECK_FALSE(victim.usable());
    CHECK_FALSE(victim.in_transaction());
    CHECK(error_of([&] { victim.execute("DO 1"); }).kind() == ErrorKind::disconnected);
    CHECK(error_of([&] { victim.warnings(); }).kind() == ErrorKind::disconnected);
}

TEST_CASE("a killed statement is interrupted, and its session goes on") {
    test::Schema schema;
    db::Session victim{schema.endpoint(), {}};
    std::thread killer{[&] {
        const db::ThreadScope scope;
        CHECK(test::eventually([&] { return blocks_in(schema.session(), victim.connection_id(), "SLEEP"); }));
        schema.execute("KILL QUERY " + std::to_string(victim.connection_id()));
    }};
    // MySQL's SLEEP answers 1 when killed; an UPDATE that sleeps fails.
    victim.execute("CREATE TEMPORARY TABLE s (n INT)");
    victim.execute("INSERT INTO s VALUES (1)");
    CHECK(error_of([&] { victim.execute("UPDATE s SET n = 2 WHERE SLEEP(100) = 7 OR n = n + SLEEP(100)"); }).kind() ==
          ErrorKind::interrupted);
    killer.join();
    CHECK(victim.usable());
    CHECK(victim.query("SELECT 1").text(0, 0) == "1");
}

TEST_CASE("interrupting a session that waits returns it within a second" * doctest::test_suite("alone")) {
    test::Schema schema;
    db::Session sleeper{schema.endpoint(), {}};
    steady_clock::time_point interrupted;
    std::thread interrupter{[&] {
        const db::ThreadScope scope;
        CHECK(test::eventually([&] { return blocks_in(schema.session(), sleeper.connection_id(), "SLEEP"); }));
        interrupted = steady_clock::now();
        sleeper.interrupt();
    }};
    const Error error = error_of([&] {
        sleeper.execute("DO SLEEP(100)");
        sleeper.execute("DO 1");  // MySQL's SLEEP is not failed by KILL QUERY, only ended
    });
    const auto returned = steady_clock::now();
    interrupter.join();
    CHECK(error.kind() == ErrorKind::disconnected);
    CHECK(returned - interrupted < std::chrono::seconds{1});
    CHECK_FALSE(sleeper.usable());
    CHECK(test::eventually([&] { return !blocks_in(schema.session(), sleeper.connection_id(), "SLEEP"); }));
}

TEST_CASE("a connector opens a session where the server takes writes") {
    const db::Connector connector{test::server_endpoint(), {}};
    CHECK(connector.connect(true)->usable());
}

TEST_CASE("a read-only server is refused by who wants to write") {
    const test::MariaDb server{{"--read-only"}};
    const db::Connector connector{server.endpoint(), {}};
    CHECK(connector.connect()->server().read_only);
    CHECK(error_of([&] { connector.connect(true); }).kind() == ErrorKind::failover);
}

TEST_CASE("a server that dies takes its sessions with it, and a new one can be opened when it is back") {
    test::MariaDb server;
    const db::Connector connector{server.endpoint(), {}};
    const auto session = connector.connect();
    server.kill();
    CHECK(error_of([&] { session->query("SELECT 1"); }).kind() == ErrorKind::disconnected);
    CHECK_FALSE(session->usable());
    CHECK(error_of([&] { connector.connect(); }).kind() == ErrorKind::disconnected);
    server.start();
    CHECK(connector.connect()->usable());
}

TEST_CASE("a full server is overloaded, not broken") {
    const test::MariaDb server{{"--max-connections=10"}};
    const db::Connector connector{server.endpoint(), {}};
    std::vector<std::unique_ptr<db::Session>> sessions;
    const Error error = error_of([&] {
        for (int i = 0; i < 20; ++i) sessions.push_back(connector.connect());
    });
    CHECK(error.kind() == ErrorKind::overloaded);
}

TEST_CASE("a connection that is cut while it waits for an answer is lost") {
    test::Schema schema;
    test::TcpProxy proxy{schema.endpoint()};
    proxy.add({test::statement_is("DO 42"), test::Deed::cut_after});
    db::Session session{proxy.endpoint(), {}};
    CHECK(error_of([&] { session.execute("DO 42"); }).kind() == ErrorKind::disconnected);
    CHECK_FALSE(session.usable());
}
