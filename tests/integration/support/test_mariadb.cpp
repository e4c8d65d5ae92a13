#include "db/session.hpp"
#include "support/eventually.hpp"
#include "support/mariadb.hpp"
#include "support/process.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

using namespace rowmill;
using namespace rowmill::test;

TEST_CASE("a killed server comes back with what was committed") {
    const db::ThreadScope thread;
    MariaDb server;
    {
        db::Session session{server.endpoint(), {}};
        session.execute("CREATE DATABASE d");
        session.execute("CREATE TABLE d.t (n INT PRIMARY KEY) ENGINE=InnoDB");
        session.execute("INSERT INTO d.t VALUES (7)");
        session.execute("BEGIN");
        session.execute("INSERT INTO d.t VALUES (8)");
        server.kill();
        CHECK_THROWS_AS(session.execute("COMMIT"), Error);
    }
    CHECK_THROWS_AS(db::Session(server.endpoint(), {}), Error);
    server.start();
    db::Session session{server.endpoint(), {}};
    CHECK(session.query("SELECT GROUP_CONCAT(n) FROM d.t").text(0, 0) == "7");
}

TEST_CASE("a server takes options of the test's") {
    const db::ThreadScope thread;
    const MariaDb server{{"--read-only=ON", "--server-id=42"}};
    db::Session session{server.endpoint(), {}};
    CHECK(session.query("SELECT @@server_id").text(0, 0) == "42");
}

TEST_CASE("starting a server that runs leaves it as it is") {
    MariaDb server;
    const int pid = server.pid();
    server.start();
    CHECK(server.pid() == pid);
}

TEST_CASE("a server ends with the process that owns it, however that ends") {
    const std::string folder = std::filesystem::temp_directory_path() / ("rowmill-owned-" + std::to_string(::getpid()));
    Process owner{{"tail", "-f", "/dev/null"}};
    const Finished started = run_process({ROWMILL_SOURCE_DIR "/scripts/sandbox", "start", folder},
                                         {{{"ROWMILL_SANDBOX_OWNER", std::to_string(owner.pid())}}, {}, {}});
    REQUIRE(started.succeeded());
    owner.kill();
    owner.wait();
    CHECK(eventually([&] { return !std::filesystem::exists(folder); }));
}

TEST_CASE("two schemas of a test are apart, and gone at its end") {
    std::string first, second;
    {
        Schema one, other;
        first = one.name();
        second = other.name();
        one.execute("CREATE TABLE t (n INT)");
        CHECK_THROWS_AS(other.execute("SELECT * FROM t"), Error);
    }
    CHECK(first != second);
    Schema third;
    CHECK(third.scalar("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name IN ('" + first + "', '" +
                       second + "')") == "0");
}
