#include "db/session.hpp"

#include "support/server.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using namespace rowmill;

namespace {

ErrorKind kind_of(const std::function<void()>& call, int* code = nullptr) {
    try {
        call();
    } catch (const Error& error) {
        if (code != nullptr) *code = error.server_code;
        return error.kind();
    }
    return ErrorKind::internal;
}

/// A table `t` of rows 1 and 2, and a second session that gives up waiting for a lock after a second.
struct TwoSessions {
    TwoSessions() {
        schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
        schema.execute("INSERT INTO t VALUES (1, 0), (2, 0)");
        db::SessionSettings settings;
        settings.innodb_lock_wait_timeout = std::chrono::seconds{1};
        other = std::make_unique<db::Session>(schema.endpoint(), settings);
    }
    test::Schema schema;
    db::Session& session = schema.session();
    std::unique_ptr<db::Session> other;
};

}  // namespace

TEST_CASE_FIXTURE(TwoSessions, "a lock wait that times out leaves the transaction open") {
    session.execute("BEGIN");
    session.execute("UPDATE t SET n = 1 WHERE id = 1");
    other->execute("BEGIN");
    other->execute("UPDATE t SET n = 2 WHERE id = 2");
    int code = 0;
    CHECK(kind_of([&] { other->execute("UPDATE t SET n = 2 WHERE id = 1"); }, &code) == ErrorKind::replay);
    CHECK(code == 1205);
    CHECK(other->in_transaction());
    other->execute("ROLLBACK");
    session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(TwoSessions, "a deadlock closes the victim's transaction") {
    schema.execute("SET SESSION innodb_lock_wait_timeout = 50");
    other->execute("SET SESSION innodb_lock_wait_timeout = 50");
    session.execute("BEGIN");
    session.execute("UPDATE t SET n = 1 WHERE id = 1");
    other->execute("BEGIN");
    other->execute("UPDATE t SET n = 2 WHERE id = 2");
    ErrorKind theirs = ErrorKind::internal;
    std::thread second{[&] {
        const db::ThreadScope scope;
        theirs = kind_of([&] { other->execute("UPDATE t SET n = 2 WHERE id = 1"); });
    }};
    const ErrorKind ours = kind_of([&] { session.execute("UPDATE t SET n = 1 WHERE id = 2"); });
    // Whoever was not the victim waits for the victim's end, which has come.
    second.join();
    const bool we_lost = ours == ErrorKind::replay;
    CHECK(we_lost != (theirs == ErrorKind::replay));
    CHECK(session.in_transaction() == !we_lost);
    CHECK(other->in_transaction() == we_lost);
    session.execute("ROLLBACK");
    other->execute("ROLLBACK");
}

TEST_CASE_FIXTURE(TwoSessions,
                  "a procedure that commits and begins again betrays itself by the savepoint, not by the status") {
    schema.execute("CREATE PROCEDURE sneaky() BEGIN COMMIT; START TRANSACTION; END");
    session.defer("BEGIN");
    session.defer("SAVEPOINT rowmill");
    session.execute("CALL sneaky()");
    CHECK(session.in_transaction());
    int code = 0;
    CHECK(kind_of([&] { session.execute("RELEASE SAVEPOINT rowmill"); }, &code) == ErrorKind::fatal);
    CHECK(code == 1305);
    session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(TwoSessions, "a savepoint that nobody disturbed is released") {
    session.defer("BEGIN");
    session.defer("SAVEPOINT rowmill");
    session.execute("UPDATE t SET n = 1");
    session.execute("RELEASE SAVEPOINT rowmill");
    CHECK(session.in_transaction());
    session.execute("COMMIT");
    CHECK_FALSE(session.in_transaction());
}

TEST_CASE_FIXTURE(TwoSessions, "a rollback warns of a table without transactions") {
    schema.execute("CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM");
    session.execute("BEGIN");
    session.execute("INSERT INTO m VALUES (1)");
    CHECK(session.execute("ROLLBACK").warnings == 1);
    const auto warnings = session.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].code == 1196);
}

TEST_CASE_FIXTURE(TwoSessions, "a session begins in autocommit whatever the server's default is") {
    schema.execute("SET @before = @@GLOBAL.autocommit");
    schema.execute("SET GLOBAL autocommit = 0");
    db::Session fresh{schema.endpoint(), {}};
    schema.execute("SET GLOBAL autocommit = @before");
    CHECK(fresh.query("SELECT @@autocommit").text(0, 0) == "1");
}

TEST_CASE_FIXTURE(TwoSessions, "settings hold for the session that asked for them") {
    db::SessionSettings settings;
    settings.time_zone = "+03:00";
    settings.sql_mode = "ANSI_QUOTES,NO_BACKSLASH_ESCAPES";
    settings.isolation = "read committed";
    settings.lock_wait_timeout = std::chrono::seconds{31};
    settings.innodb_lock_wait_timeout = std::chrono::seconds{6};
    settings.set = {{"sort_buffer_size", "1048576"}};
    db::Session session_of_settings{schema.endpoint(), settings};
    const auto row = session_of_settings.query(
        "SELECT @@time_zone, @@sql_mode, @@lock_wait_timeout, @@innodb_lock_wait_timeout, @@sort_buffer_size");
    CHECK(row.text(0, 0) == "+03:00");
    CHECK(row.text(0, 1).find("NO_BACKSLASH_ESCAPES") != std::string::npos);
    CHECK(row.text(0, 2) == "31");
    CHECK(row.text(0, 3) == "6");
    CHECK(row.text(0, 4) == "1048576");
    const char* variable = session.server().is_mariadb() ? "SELECT @@tx_isolation" : "SELECT @@transaction_isolation";
    CHECK(session_of_settings.query(variable).text(0, 0) == "READ-COMMITTED");
}

TEST_CASE_FIXTURE(TwoSessions, "a setting that the server does not know is the user's mistake") {
    db::SessionSettings settings;
    settings.set = {{"no_such_variable", "1"}};
    int code = 0;
    CHECK(kind_of([&] { db::Session{schema.endpoint(), settings}; }, &code) == ErrorKind::usage);
    CHECK(code == 1193);
    settings.set.clear();
    settings.time_zone = "Mars/Olympus";
    CHECK(kind_of([&] { db::Session{schema.endpoint(), settings}; }) == ErrorKind::usage);
}

TEST_CASE_FIXTURE(TwoSessions, "a select limit of the server's does not cut results short") {
    schema.execute("SET @before = @@GLOBAL.sql_select_limit");
    schema.execute("SET GLOBAL sql_select_limit = 1");
    db::Session fresh{schema.endpoint(), {}};
    schema.execute("SET GLOBAL sql_select_limit = @before");
    CHECK(fresh.query("SELECT * FROM t").rows.size() == 2);
}
