#include "support/server.hpp"
#include "support/tcp_proxy.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// A table with one row, and a session that reaches it through the proxy, in a transaction that added a second.
struct Scene {
    Scene() {
        schema.execute("CREATE TABLE t (n INT PRIMARY KEY) ENGINE=InnoDB");
        schema.execute("INSERT INTO t VALUES (1)");
    }

    void insert_through_proxy() {
        session = std::make_unique<db::Session>(proxy.endpoint(), db::SessionSettings{});
        session->execute("BEGIN");
        session->execute("INSERT INTO t VALUES (2)");
    }
    /// Whether COMMIT threw.
    bool commit_fails() {
        try {
            session->execute("COMMIT");
            return false;
        } catch (const Error&) {
            return true;
        }
    }
    std::string rows() { return schema.scalar("SELECT COUNT(*) FROM t"); }

    db::ThreadScope thread;
    Schema schema;
    TcpProxy proxy{schema.endpoint()};
    std::unique_ptr<db::Session> session;
};

}  // namespace

TEST_CASE("without a rule the proxy is not noticed") {
    Scene scene;
    scene.insert_through_proxy();
    CHECK_FALSE(scene.commit_fails());
    CHECK(scene.rows() == "2");
    CHECK(scene.proxy.struck() == 0);
}

TEST_CASE("a large result passes unchanged") {
    Scene scene;
    db::Session session{scene.proxy.endpoint(), {}};
    CHECK(session.query("SELECT REPEAT('x', 3000000)").text(0, 0).size() == 3000000);
}

TEST_CASE("a COMMIT cut before it reaches the server is rolled back") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::cut_before});
    scene.insert_through_proxy();
    CHECK(scene.commit_fails());
    CHECK(scene.schema.scalar("SELECT COUNT(*) FROM t WHERE n = 2 FOR UPDATE") == "0");
}

TEST_CASE("a COMMIT cut before its answer has been carried out") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::cut_before_answer});
    scene.insert_through_proxy();
    CHECK(scene.commit_fails());
    CHECK(scene.rows() == "2");
}

TEST_CASE("a COMMIT cut after it was sent fails at the client") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::cut_after});
    scene.insert_through_proxy();
    CHECK(scene.commit_fails());
}

TEST_CASE("an orphan's transaction stays open on the server until it is released") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::orphan});
    scene.insert_through_proxy();
    CHECK(scene.commit_fails());
    scene.schema.execute("SET innodb_lock_wait_timeout = 0");
    CHECK_THROWS_AS(scene.schema.execute("INSERT INTO t VALUES (2)"), Error);
    scene.proxy.release();
    scene.schema.execute("SET innodb_lock_wait_timeout = 20");
    scene.schema.execute("INSERT INTO t VALUES (2)");
    CHECK(scene.rows() == "2");
}

TEST_CASE("a statement that is held goes on when it is released") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::hold});
    scene.insert_through_proxy();
    std::future<bool> failed = std::async(std::launch::async, [&] {
        const db::ThreadScope thread;
        return scene.commit_fails();
    });
    REQUIRE(scene.proxy.wait_until_struck(1));
    CHECK(scene.rows() == "1");
    scene.proxy.release();
    CHECK_FALSE(failed.get());
    CHECK(scene.rows() == "2");
}

TEST_CASE("a rule lets pass what it skips and ends when it is used up") {
    Scene scene;
    scene.proxy.add({statement_is("COMMIT"), Deed::cut_before, 1, 1});
    scene.insert_through_proxy();
    CHECK_FALSE(scene.commit_fails());
    CHECK(scene.commit_fails());
    scene.session = std::make_unique<db::Session>(scene.proxy.endpoint(), db::SessionSettings{});
    CHECK_FALSE(scene.commit_fails());
    CHECK(scene.proxy.struck() == 1);
}

TEST_CASE("all connections can be cut at once") {
    Scene scene;
    scene.insert_through_proxy();
    scene.proxy.cut_all();
    CHECK(scene.commit_fails());
}

TEST_CASE("a proxy that stopped accepting refuses until it accepts again") {
    Scene scene;
    scene.proxy.stop_accepting();
    CHECK_THROWS_AS(scene.insert_through_proxy(), Error);
    scene.proxy.accept_again();
    scene.insert_through_proxy();
    CHECK_FALSE(scene.commit_fails());
}

TEST_CASE("the proxy's DSN leads to the schema through the proxy") {
    Scene scene;
    CHECK(scene.proxy.dsn().find("127.0.0.1:" + std::to_string(scene.proxy.port())) != std::string::npos);
    CHECK(scene.proxy.dsn().find("/" + scene.schema.name() + "?") != std::string::npos);
}
