// What is found before the first row: descriptions, refused keys, plans that would scan.

#include "fixture.hpp"
#include "table/explain.hpp"
#include "table/reading_cost.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using test::Tables;

namespace {

/// What an action that must fail says, and its kind.
template <typename Action>
std::pair<ErrorKind, std::string> failure_of(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return {error.kind(), error.what()};
    }
    return {ErrorKind::internal, "(nothing failed)"};
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void make_books(Tables& tables) {
    tables.execute(
        "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(50) NOT NULL, price INT NOT NULL, KEY by_price "
        "(price))");
    std::string insert = "INSERT INTO books VALUES ";
    for (int id = 1; id <= 3000; ++id) {
        insert += (id > 1 ? ",(" : "(") + std::to_string(id) + ", 'title', " + std::to_string(id % 10) + ")";
    }
    tables.execute(insert);
    tables.session().query("ANALYZE TABLE books");
}

void check_page(Tables& tables, const table::Selection& selection, bool allow = false) {
    const auto bounds = table::read_bounds(tables.session(), selection, {}, {});
    table::check_page_plan(tables.session(), selection, bounds, allow);
}

}  // namespace

TEST_CASE("a table is described as the server knows it") {
    Tables tables;
    tables.execute(
        "CREATE TABLE t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9) COLLATE utf8mb4_bin NOT NULL,"
        " at TIMESTAMP NULL, g INT AS (LENGTH(name)), UNIQUE u (name), KEY p (name(3)))");
    const auto table = table::describe(tables.session(), tables.schema.name(), "t");
    CHECK(table.engine == "InnoDB");
    CHECK(table.transactional);
    CHECK_FALSE(table.partitioned);
    REQUIRE(table.columns.size() == 4);
    CHECK(table.columns[0].type == ValueType::unsigned_integer);
    CHECK(table.columns[0].auto_increment);
    CHECK(table.find("NAME")->collation == "utf8mb4_bin");
    CHECK(table.find("at")->type == ValueType::timestamp);
    CHECK(table.find("at")->nullable);
    CHECK(table.find("g")->generated);
    CHECK(table::choose_key(table, "").auto_increment_leads());
    CHECK(table::choose_key(table, "u").columns.front().name == "name");
}

TEST_CASE("a table that is not there, or is a view, is a usage error that says so") {
    Tables tables;
    make_books(tables);
    tables.execute("CREATE VIEW v AS SELECT * FROM books");
    const auto missing = failure_of([&] { table::describe(tables.session(), {}, "book"); });
    CHECK(missing.first == ErrorKind::usage);
    CHECK(says(missing.second, "books"));
    CHECK(says(failure_of([&] { table::describe(tables.session(), {}, "v"); }).second, "view"));
}

TEST_CASE("keys that can't be read page by page are refused, with the column and the indexes that would do") {
    Tables tables;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"k FLOAT PRIMARY KEY", "column k is float"},
        {"k DOUBLE PRIMARY KEY", "column k is double"},
        {"k ENUM('a','b') PRIMARY KEY", "column k is enum"},
        {"k SET('a','b') PRIMARY KEY", "column k is set"},
        {"k BIT(5) PRIMARY KEY", "column k is bit"},
        {"k TEXT NOT NULL, PRIMARY KEY (k(10))", "column k is indexed only by a prefix"},
        {"k VARCHAR(50), PRIMARY KEY (k(10))", "column k is indexed only by a prefix"},
        {"k INT NOT NULL", "has no primary key"},
    };
    for (const auto& [columns, message] : cases) {
        tables.execute("CREATE TABLE t (" + columns +
                       ", code INT NOT NULL, maybe INT, UNIQUE by_code (code), UNIQUE by_maybe (maybe))");
        const auto [kind, text] = failure_of([&] { tables.select("t"); });
        CHECK(kind == ErrorKind::refused);
        CHECK_MESSAGE(says(text, message), text);
        CHECK_MESSAGE(says(text, "by_code (code)"), text);
        CHECK_FALSE(says(text, "by_maybe"));
        CHECK(says(failure_of([&] { tables.select("t", "by_maybe"); }).second, "column maybe may be NULL"));
        CHECK(tables.select("t", "by_code").key.index == "by_code");
        tables.execute("DROP TABLE t");
    }
}

TEST_CASE("an invisible index is not offered as a key") {
    Tables tables;
    const bool mariadb = tables.session().server().is_mariadb();
    tables.execute(std::string{"CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE u (a), UNIQUE w (b) "} +
                   (mariadb ? "IGNORED" : "INVISIBLE") + ")");
    const auto [kind, text] = failure_of([&] { tables.select("t", "w"); });
    CHECK(kind == ErrorKind::refused);
    CHECK(says(text, "u (a)"));
}

TEST_CASE("a page that is read by its key passes, with any filter on the table's own columns") {
    Tables tables;
    make_books(tables);
    auto selection = tables.select("books");
    check_page(tables, selection);
    selection.filter = "price = 3";
    check_page(tables, selection);
    selection.filter = "title LIKE '%x%' OR price > 4";
    selection.descending = true;
    check_page(tables, selection);
    selection.filter = "id > (SELECT COUNT(*) FROM books WHERE price = 3)";
    check_page(tables, selection);
    CHECK(table::explain(tables.session(), "SELECT * FROM books WHERE id = 3").front().key == "PRIMARY");
}

TEST_CASE("a page of a composite key passes") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b VARCHAR(9), c INT, PRIMARY KEY (a, b, c))");
    auto selection = tables.select("t");
    check_page(tables, selection);
    tables.execute("INSERT INTO t VALUES (1,'a',1),(1,'A ',2),(1,'b',1),(2,'a',1),(3,'a',1)");
    check_page(tables, selection);
}

TEST_CASE("reading that looks at far more entries than it returns is refused") {
    Tables tables;
    make_books(tables);
    auto selection = tables.select("books");
    table::check_reading_cost(tables.session(), selection, {});
    // By an index in whose order the key is not, the server must read all rows to sort them.
    tables.execute("CREATE TABLE c (a INT, b INT, n INT, PRIMARY KEY (a, b), KEY other (n, b, a))");
    for (int copy = 1; copy <= 4; ++copy) {
        tables.execute("INSERT INTO c SELECT price, id * 10 + " + std::to_string(copy) + ", id FROM books");
    }
    auto wrong = tables.select("c");
    wrong.key.index = "other";
    const auto [kind, text] = failure_of([&] { table::check_reading_cost(tables.session(), wrong, {}); });
    CHECK(kind == ErrorKind::refused);
    CHECK_MESSAGE(says(text, "to read 1000 rows by index other"), text);
    CHECK(failure_of([&] { check_page(tables, wrong); }).first == ErrorKind::refused);
}

TEST_CASE("a filter with a mistake is a usage error that names the filter") {
    Tables tables;
    make_books(tables);
    auto selection = tables.select("books");
    for (const char* filter : {"price = = 3", "prize = 3", "price = 3)"}) {
        selection.filter = filter;
        const auto [kind, text] = failure_of([&] { check_page(tables, selection); });
        CHECK(kind == ErrorKind::usage);
        CHECK_MESSAGE(says(text, "source.where"), text);
    }
    tables.execute("DELETE FROM books");
    CHECK(failure_of([&] { check_page(tables, selection); }).first == ErrorKind::usage);
}

TEST_CASE("a filter that scans another table for each row is refused, unless full scans are allowed") {
    Tables tables;
    make_books(tables);
    tables.execute("CREATE TABLE notes (id INT PRIMARY KEY, book INT, body VARCHAR(20))");
    tables.execute("INSERT INTO notes SELECT id, id, title FROM books");
    tables.session().query("ANALYZE TABLE notes");
    auto selection = tables.select("books");
    selection.filter = "(SELECT COUNT(*) FROM notes n WHERE n.book + 0 = books.id) > 0";
    const auto [kind, text] = failure_of([&] { check_page(tables, selection); });
    CHECK(kind == ErrorKind::refused);
    CHECK_MESSAGE(says(text, "once for each row"), text);
    check_page(tables, selection, true);
}

TEST_CASE("statements that would scan the table are refused, and those that use the key are not") {
    Tables tables;
    make_books(tables);
    const auto selection = tables.select("books");
    const auto check = [&](const std::string& statement, bool allow = false) {
        return failure_of([&] {
                   table::check_statement_plan(tables.session(), selection,
                                               job::Statement::parse(statement, "action.statement"), statement,
                                               "action.statement", allow);
               })
            .first;
    };
    CHECK(check("UPDATE books SET price = 1 WHERE title = 'x'") == ErrorKind::refused);
    CHECK(check("UPDATE books AS b SET price = 1 WHERE b.title = 'x'") == ErrorKind::refused);
    CHECK(check("DELETE FROM books WHERE id + 1 = 7") == ErrorKind::refused);
    CHECK(check("UPDATE books SET price = 1 WHERE title = 'x'", true) == ErrorKind::internal);
    CHECK(check("UPDATE books SET price = 1 WHERE id = 7") == ErrorKind::internal);
    CHECK(check("UPDATE books SET price = 1 WHERE id IN (1, 2, 3)") == ErrorKind::internal);
    CHECK(check("UPDATE books SET price = 1 WHERE id = 100000") == ErrorKind::internal);
    CHECK(check("INSERT INTO books VALUES (100000, 'x', 1)") == ErrorKind::internal);
    CHECK(check("DO 1") == ErrorKind::internal);
    CHECK(check("UPDATE books SET prize = 1 WHERE id = 7") == ErrorKind::usage);
    CHECK(check("UPDATE books SET price == 1 WHERE id = 7") == ErrorKind::usage);
    CHECK(check("/* hi */ UPDATE books SET prize = 1 WHERE id = 7") == ErrorKind::usage);
    CHECK(check("-- hi\n# ho\nUPDATE books SET prize = 1 WHERE id = 7") == ErrorKind::usage);
    CHECK(check("/* hi */ UPDATE books SET price = 1 WHERE title = 'x'") == ErrorKind::refused);
    CHECK(check("(UPDATE books SET price = 1 WHERE id = 7)") == ErrorKind::usage);
}

TEST_CASE("the sample page query is one that the server can run") {
    Tables tables;
    make_books(tables);
    auto selection = tables.select("books", {}, {"title"});
    selection.filter = "price = 3";
    const auto bounds = table::read_bounds(tables.session(), selection, {}, {});
    const std::string query = table::sample_page_query(tables.session(), selection, bounds, 10);
    CHECK(says(query, "> 1000"));
    CHECK(tables.session().query(query).rows.size() == 10);
}

TEST_CASE("the sample page query of a table that ends where the sample would begin is the first page's") {
    Tables tables;
    make_books(tables);
    for (const std::uint64_t rows : {1000U, 3U, 2U, 1U}) {
        for (const bool descending : {false, true}) {
            CAPTURE(rows);
            CAPTURE(descending);
            tables.execute("DELETE FROM books WHERE id > " + std::to_string(rows));
            auto selection = tables.select("books");
            selection.descending = descending;
            const auto bounds = table::read_bounds(tables.session(), selection, {}, {});
            const std::string query = table::sample_page_query(tables.session(), selection, bounds, 2000);
            // Of a few rows, the first is where the sample begins.
            const bool is_first_page = rows == 1000 || rows == 1;
            CHECK(tables.session().query(query).rows.size() == (is_first_page ? rows : rows - 1));
            check_page(tables, selection);
        }
    }
}

TEST_CASE("no page of a key with a text in front is sorted, whatever its collation") {
    Tables tables;
    for (const std::string collation : {"utf8mb4_bin", "utf8mb4_unicode_ci", "latin1_swedish_ci"}) {
        CAPTURE(collation);
        tables.execute("DROP TABLE IF EXISTS pairs");
        tables.execute("CREATE TABLE pairs (code VARCHAR(30) COLLATE " + collation +
                       " NOT NULL, id INT NOT NULL, PRIMARY KEY (code, id))");
        std::string insert = "INSERT INTO pairs VALUES ";
        for (int id = 1; id <= 3000; ++id)
            insert += (id > 1 ? ",('" : "('") + std::to_string(id / 5) + "', " + std::to_string(id) + ")";
        tables.execute(insert);
        for (const bool descending : {false, true}) {
            table::Selection selection = tables.select("pairs");
            selection.descending = descending;
            const auto bounds = table::read_bounds(tables.session(), selection, {}, {});
            CHECK_NOTHROW(table::check_page_plan(tables.session(), selection, bounds, false));
        }
    }
}

TEST_CASE("a page that would be sought by a part of its key only is refused") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b VARCHAR(9) COLLATE utf8mb4_bin, PRIMARY KEY (a, b))");
    make_books(tables);
    tables.execute("INSERT INTO t SELECT 1, id FROM books");
    tables.session().query("ANALYZE TABLE t");
    auto selection = tables.select("t");
    check_page(tables, selection);
    // Compared with a number, the text's index can't be used.
    selection.key.columns[1].type = ValueType::integer;
    const auto [kind, text] = failure_of([&] { check_page(tables, selection); });
    CHECK(kind == ErrorKind::refused);
    CHECK_MESSAGE(says(text, "4 bytes of index PRIMARY"), text);
}

TEST_CASE("a page passes whatever the types of its key's columns, alone and in front of another") {
    Tables tables;
    make_books(tables);
    const bool mariadb = tables.session().server().is_mariadb();
    std::vector<std::pair<std::string, std::string>> cases{
        {"TINYINT", "-1), (0), (1"},
        {"SMALLINT UNSIGNED", "0), (1), (65535"},
        {"MEDIUMINT", "-1), (0), (1"},
        {"BIGINT UNSIGNED", "0), (1), (18446744073709551615"},
        {"DECIMAL(20,5)", "-1.5), (0), (1.00001"},
        {"YEAR", "1999), (2000), (2001"},
        {"CHAR(5)", "'a'), ('B'), ('é'"},
        {"CHAR(5) CHARACTER SET latin1", "'a'), ('B'), ('c'"},
        {"VARCHAR(20) COLLATE utf8mb4_bin", "''), ('B'), ('a'"},
        {"VARCHAR(20) CHARACTER SET latin1", "''), ('B'), ('c'"},
        {"BINARY(4)", "'a'), ('b'), ('c'"},
        {"VARBINARY(9)", "''), ('b'), ('c'"},
        {"DATE", "'2024-02-29'), ('2024-03-01'), ('2025-01-01'"},
        {"DATETIME(6)", "'2024-02-29 00:00:00.5'), ('2024-03-01'), ('2025-01-01'"},
        {"TIMESTAMP", "'2024-02-29 01:02:03'), ('2024-03-01'), ('2025-01-01'"},
        {"TIME(3)", "'-10:00:00.001'), ('00:00:00'), ('23:00:00'"},
    };
    if (mariadb) cases.emplace_back("INET6", "'::1'), ('::2'), ('fe80::1'");
    for (const auto& [type, values] : cases) {
        CAPTURE(type);
        tables.execute("CREATE TABLE one (k " + type + " PRIMARY KEY)");
        tables.execute("INSERT INTO one VALUES (" + values + ")");
        check_page(tables, tables.select("one"));
        tables.execute("CREATE TABLE two (k " + type + ", id INT, PRIMARY KEY (k, id))");
        check_page(tables, tables.select("two"));
        tables.execute("INSERT INTO two SELECT k, id FROM one CROSS JOIN books");
        auto two = tables.select("two");
        check_page(tables, two);
        two.descending = true;
        check_page(tables, two);
        tables.execute("DROP TABLE one, two");
    }
}
