#include "db/session.hpp"

#include "support/server.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <fstream>
#include <string>

using namespace rowmill;

namespace {

std::string every_byte() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

/// Resident memory of this process, now.
std::size_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t total = 0, resident = 0;
    file >> total >> resident;
    return resident * 4096;
}

void check_round_trips(db::Session& session) {
    const std::string_view texts[] = {"",
                                      "plain",
                                      "O'Brien",
                                      "\"quoted\"",
                                      "back\\slash",
                                      "\\",
                                      "trailing\\'",
                                      "%_",
                                      "new\nline\r\t",
                                      "\x1a",
                                      "é ß 漢",
                                      "😀'😀\\",
                                      std::string_view{"zero\0byte", 9},
                                      "-- no comment",
                                      "/* none */;"};
    for (const auto text : texts) {
        CAPTURE(text);
        const Value value = Value::text(std::string{text});
        CHECK(session.query("SELECT " + session.quote(value)).text(0, 0) == text);
        CHECK(session
                  .query("SELECT HEX(" + session.quote(value) + ") = HEX(CONVERT(" +
                         session.quote(Value::bytes(std::string{text})) + " USING utf8mb4))")
                  .text(0, 0) == "1");
    }
    const std::string bytes = every_byte();
    CHECK(session.query("SELECT " + session.quote(Value::bytes(bytes))).text(0, 0) == bytes);
    CHECK(session.query("SELECT " + session.quote(Value::bytes(""))).text(0, 0).empty());
    CHECK_FALSE(session.query("SELECT " + session.quote(Value{})).rows[0][0].has_value());
}

const std::string all_types =
    "CREATE TABLE v (id INT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, d DECIMAL(40,10), f DOUBLE, s VARCHAR(100) "
    "CHARACTER SET utf8mb4, b VARBINARY(300), day DATE, moment DATETIME(6), duration TIME(3)) ENGINE=InnoDB";

/// Values at the edges of each type; `n` makes them differ by row.
std::vector<Value> row_of(int n) {
    return {Value::integer(n),
            Value::integer(n % 2 == 0 ? INT64_MIN : INT64_MAX),
            Value::unsigned_integer(UINT64_MAX),
            {ValueType::decimal, "-123456789012345678901234567890.0123456789"},
            {ValueType::number, "1.7976931348623157e308"},
            n % 3 == 0 ? Value{} : Value::text("O'Brien \\ 😀 " + std::to_string(n)),
            Value::bytes(every_byte()),
            {ValueType::date, "2024-02-29"},
            {ValueType::datetime, "2024-12-31 23:59:59.999999"},
            {ValueType::time, "-838:59:58.123"}};
}

std::string text_of_row(db::Session& session, int id) {
    const auto row = session.query(
        "SELECT i, u, d, f, IFNULL(s, 'NULL'), HEX(b), day, moment, duration FROM v WHERE id = " + std::to_string(id));
    std::string text;
    for (std::size_t i = 0; i < row.columns.size(); ++i) text += row.text(0, i) + "|";
    return text;
}

}  // namespace

TEST_CASE("text and bytes survive quoting where backslashes escape") {
    test::Schema schema;
    db::SessionSettings settings;
    settings.sql_mode = "";
    db::Session session{schema.endpoint(), settings};
    check_round_trips(session);
}

TEST_CASE("text and bytes survive quoting where a backslash is a character") {
    test::Schema schema;
    db::SessionSettings settings;
    settings.sql_mode = "NO_BACKSLASH_ESCAPES,ANSI_QUOTES";
    db::Session session{schema.endpoint(), settings};
    check_round_trips(session);
}

TEST_CASE("quoting follows a change of sql_mode") {
    test::Schema schema;
    schema.execute("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'");
    check_round_trips(schema.session());
    schema.execute("SET SESSION sql_mode = ''");
    check_round_trips(schema.session());
}

TEST_CASE("a name with a backtick is a name") {
    test::Schema schema;
    schema.execute("CREATE TABLE " + db::quote_name("od`d; --") + " (" + db::quote_name("se`lect") + " INT)");
    CHECK(schema.scalar("SELECT COUNT(" + db::quote_name("se`lect") + ") FROM " +
                        db::quote_name(schema.name(), "od`d; --")) == "0");
}

TEST_CASE("a hundred thousand rows are streamed in flat memory") {
    test::Schema schema;
    schema.execute("CREATE TABLE digits (d INT PRIMARY KEY)");
    schema.execute("INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    const std::string many =
        "SELECT CONCAT(a.d, b.d, c.d, d.d, e.d), REPEAT('x', 200) FROM digits a, digits b, digits c, "
        "digits d, digits e";
    std::size_t rows = 0, bytes = 0, most = 0;
    const std::size_t before = resident_bytes();
    schema.session().stream(many, [&](const db::RowView& row) {
        bytes += row[1].size();
        if (++rows % 1000 == 0) most = std::max(most, resident_bytes());
    });
    CHECK(rows == 100000);
    CHECK(bytes == 20000000);
    CHECK(most < before + (4U << 20U));
}

TEST_CASE("array binding executes a statement for a thousand rows of every type") {
    test::Schema schema;
    db::Session& session = schema.session();
    const std::string insert = "INSERT INTO v VALUES (?,?,?,?,?,?,?,?,?,?)";
    if (!session.server().has_array_binding) {
        CHECK_THROWS_AS(session.execute_bulk(insert, std::vector<std::vector<Value>>{row_of(1)}), Error);
        return;
    }
    schema.execute(all_types);
    std::vector<std::vector<Value>> rows;
    for (int n = 1; n <= 1000; ++n) rows.push_back(row_of(n));
    CHECK(session.execute_bulk(insert, rows).matched == 1000);

    for (const int id : {1, 2, 3, 1000}) {
        CAPTURE(id);
        const std::string bound = text_of_row(session, id);
        schema.execute("DELETE FROM v WHERE id = " + std::to_string(id));
        std::string literal;
        for (const Value& value : row_of(id)) literal += (literal.empty() ? "" : ", ") + session.quote(value);
        schema.execute("INSERT INTO v VALUES (" + literal + ")");
        CHECK(bound == text_of_row(session, id));
    }
}

TEST_CASE("array binding counts the rows that were matched, in the transaction that was deferred") {
    test::Schema schema;
    db::Session& session = schema.session();
    if (!session.server().has_array_binding) return;
    schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    schema.execute("INSERT INTO t VALUES (1, 0), (2, 0)");
    std::vector<std::vector<Value>> ids;
    for (int id = 1; id <= 3; ++id) ids.push_back({Value::integer(id)});
    session.defer("BEGIN");
    CHECK(session.execute_bulk("UPDATE t SET n = 0 WHERE id = ?", ids).matched == 2);
    CHECK(session.in_transaction());
    CHECK(session.execute_bulk("UPDATE t SET n = n + 1 WHERE id = ?", ids).matched == 2);
    session.execute("ROLLBACK");
    CHECK(schema.scalar("SELECT SUM(n) FROM t") == "0");
}

TEST_CASE("an error of array binding is the row's, and the session goes on") {
    test::Schema schema;
    db::Session& session = schema.session();
    if (!session.server().has_array_binding) return;
    schema.execute("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB");
    const std::vector<std::vector<Value>> twice = {{Value::integer(1)}, {Value::integer(2)}, {Value::integer(1)}};
    ErrorKind kind = ErrorKind::internal;
    session.execute("BEGIN");
    try {
        session.execute_bulk("INSERT INTO t VALUES (?)", twice);
    } catch (const Error& error) {
        kind = error.kind();
    }
    CHECK(kind == ErrorKind::row);
    CHECK(session.in_transaction());
    session.execute("ROLLBACK");
    CHECK(session.execute_bulk("INSERT INTO t VALUES (?)", std::span{twice}.first(2)).matched == 2);
}
