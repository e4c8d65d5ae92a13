#include "db/session.hpp"

#include "support/server.hpp"
#include "support/tcp_proxy.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>

using namespace rowmill;

namespace {

template <typename Call>
Error error_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return Error{ErrorKind::internal, "no error"};
}

std::vector<std::string> numbered_inserts(unsigned count) {
    std::vector<std::string> statements;
    for (unsigned i = 1; i <= count; ++i) statements.push_back("INSERT INTO t VALUES (" + std::to_string(i) + ", 0)");
    return statements;
}

/// A table `t` of one row, (1, 5).
struct Table {
    Table() {
        schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
        schema.execute("INSERT INTO t VALUES (1, 5)");
    }
    test::Schema schema;
    db::Session& session = schema.session();
};

}  // namespace

TEST_CASE_FIXTURE(Table, "an update to the same value counts the rows it matched") {
    CHECK(session.execute("UPDATE t SET n = 5").matched == 1);
    CHECK(session.execute("UPDATE t SET n = 5 WHERE id = 2").matched == 0);
}

TEST_CASE_FIXTURE(Table, "rows that an execution answers are counted and thrown away") {
    CHECK(session.execute("SELECT * FROM t").matched == 1);
}

TEST_CASE_FIXTURE(Table, "an insertion tells the id that it was given") {
    schema.execute("CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT) AUTO_INCREMENT = 7");
    CHECK(session.execute("INSERT INTO a (n) VALUES (1)").last_insert_id == 7);
}

TEST_CASE_FIXTURE(Table, "a query's result has columns, NULLs and empty strings apart") {
    const db::ResultSet result = session.query("SELECT 1 AS One, NULL AS none, '' AS blank");
    CHECK(result.columns == std::vector<std::string>{"One", "none", "blank"});
    CHECK(result.text(0, 0) == "1");
    CHECK_FALSE(result.rows[0][1].has_value());
    CHECK(result.rows[0][2] == "");
    CHECK(result.find("ONE") == 0);
    CHECK_FALSE(result.find("two").has_value());
    CHECK(error_of([&] { result.text(1, 0); }).kind() == ErrorKind::internal);
}

TEST_CASE_FIXTURE(Table, "deferred statements travel in the packet of the next one") {
    test::TcpProxy proxy{schema.endpoint()};
    std::atomic<unsigned> packets{0};
    proxy.add({[&](std::string_view) { return ++packets == 0; }});
    db::Session through{proxy.endpoint(), {}};
    const unsigned before = packets;
    through.defer("BEGIN");
    through.defer("SELECT * FROM t FOR UPDATE");
    CHECK(packets == before);
    CHECK_FALSE(through.in_transaction());
    CHECK(through.execute("UPDATE t SET n = 6 WHERE id = 1").matched == 1);
    CHECK(packets == before + 1);
    CHECK(through.in_transaction());
    through.execute("ROLLBACK");
    CHECK(schema.scalar("SELECT n FROM t") == "5");
}

TEST_CASE_FIXTURE(Table, "what was deferred can be forgotten") {
    session.defer("DELETE FROM t");
    session.forget_deferred();
    CHECK(schema.scalar("SELECT COUNT(*) FROM t") == "1");
}

TEST_CASE_FIXTURE(Table, "a packet stops at its first error and tells which statement it was") {
    const std::vector<std::string> statements = {"INSERT INTO t VALUES (2, 0)", "INSERT INTO t VALUES (1, 0)",
                                                 "INSERT INTO t VALUES (3, 0)"};
    session.defer("BEGIN");
    const Error error = error_of([&] { session.execute_all(statements); });
    CHECK(error.kind() == ErrorKind::row);
    CHECK(error.server_code == 1062);
    CHECK(error.sqlstate == "23000");
    CHECK(error.statement_index == 1);
    CHECK(error.statement == statements[1]);
    CHECK(session.usable());
    CHECK(schema.scalar("SELECT COUNT(*) FROM t") == "2");
    session.execute("ROLLBACK");
}

TEST_CASE_FIXTURE(Table, "an error in a deferred statement is none of the packet's own") {
    session.defer("INSERT INTO t VALUES (1, 0)");
    const Error error = error_of([&] { session.execute("INSERT INTO t VALUES (2, 0)"); });
    CHECK(error.statement == "INSERT INTO t VALUES (1, 0)");
    CHECK(error.statement_index == db::deferred_statement);
    CHECK(schema.scalar("SELECT COUNT(*) FROM t") == "1");
}

TEST_CASE_FIXTURE(Table, "more statements than fit into one window are executed, and counted through") {
    schema.execute("DELETE FROM t");
    CHECK(session.execute_all(numbered_inserts(250)).size() == 250);
    CHECK(schema.scalar("SELECT COUNT(*) FROM t") == "250");
    schema.execute("DELETE FROM t WHERE id <> 180");
    CHECK(error_of([&] { session.execute_all(numbered_inserts(250)); }).statement_index == 179);
}

TEST_CASE_FIXTURE(Table, "a statement that ends in a comment or a semicolon may be followed by others") {
    session.defer("UPDATE t SET n = 6 -- for now;");
    session.defer("UPDATE t SET n = n + 1;");
    session.execute("UPDATE t SET n = n + 1 # again");
    CHECK(schema.scalar("SELECT n FROM t;") == "8");
}

TEST_CASE_FIXTURE(Table, "a procedure may answer several results in the middle of a packet") {
    schema.execute("CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2 UNION SELECT 3; END");
    const std::vector<std::string> statements = {"CALL two()", "UPDATE t SET n = 9", "CALL two()"};
    const auto answers = session.execute_all(statements);
    REQUIRE(answers.size() == 3);
    CHECK(answers[1].matched == 1);
    CHECK(session.query("CALL two()").text(0, 0) == "1");
    CHECK(schema.scalar("SELECT n FROM t") == "9");
}

TEST_CASE_FIXTURE(Table, "a stream's callback may throw, and the session goes on") {
    struct Enough {};
    const auto stop = [](const db::RowView&) { throw Enough{}; };
    CHECK_THROWS_AS(session.stream("SELECT 1 UNION SELECT 2", stop), Enough);
    schema.execute("CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END");
    CHECK_THROWS_AS(session.stream("CALL two()", stop), Enough);
    CHECK(schema.scalar("SELECT n FROM t") == "5");
}

TEST_CASE_FIXTURE(Table, "a statement longer than max_allowed_packet is too large, and costs no connection") {
    const std::string longest(session.max_allowed_packet(), 'x');
    const Error error = error_of([&] { session.execute("SELECT '" + longest + "'"); });
    CHECK(error.kind() == ErrorKind::too_large);
    CHECK(error.statement.size() < 300);
    CHECK(schema.scalar("SELECT n FROM t") == "5");
}

TEST_CASE_FIXTURE(Table, "warnings are those of the last statement") {
    schema.execute("SET SESSION sql_mode = ''");
    CHECK(session.execute("UPDATE t SET n = '7x'").warnings == 1);
    const auto warnings = session.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK((warnings[0].code == 1265 || warnings[0].code == 1292 || warnings[0].code == 1366));
    CHECK(warnings[0].level == "Warning");
    CHECK(session.warnings().size() == 1);
    session.execute("UPDATE t SET n = 7");
    CHECK(session.warnings().empty());
}

TEST_CASE_FIXTURE(Table, "asking for warnings leaves what was deferred alone") {
    schema.execute("SET SESSION sql_mode = ''");
    session.execute("UPDATE t SET n = '7x'");
    session.defer("UPDATE t SET n = 8");
    CHECK(session.warnings().size() == 1);
    CHECK(schema.scalar("SELECT n FROM t") == "8");
}

TEST_CASE_FIXTURE(Table, "a failed statement leaves a transaction known as open or closed") {
    session.execute("BEGIN");
    CHECK(error_of([&] { session.execute("INSERT INTO t VALUES (1, 0)"); }).kind() == ErrorKind::row);
    CHECK(session.in_transaction());
    session.execute("ROLLBACK");
    CHECK_FALSE(session.in_transaction());
}
