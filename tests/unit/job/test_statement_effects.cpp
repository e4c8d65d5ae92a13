#include "job/statement.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using job::Statement;
using job::TableName;
using test::contains;
using Names = std::vector<std::string>;

namespace {

std::string objection(std::string_view sql) {
    return Statement::parse(sql, "test").breaks_exactly_once().value_or("none");
}
Names assigned(std::string_view sql) {
    return Statement::parse(sql, "test").assigned_columns();
}
std::vector<TableName> written(std::string_view sql) {
    return Statement::parse(sql, "test").written_tables();
}

}  // namespace

TEST_CASE("changes of rows can be part of an exactly-once transaction") {
    for (const char* sql :
         {"UPDATE t SET a = 1", "INSERT INTO t VALUES (1)", "REPLACE t SET a = 1", "DELETE FROM t",
          "SELECT * FROM t FOR UPDATE", "WITH c AS (SELECT 1) DELETE FROM t", "(SELECT 1)",
          "SET @now = NOW(), @b := (SELECT 1, 2)", "UPDATE t SET `commit` = 'DROP TABLE t' -- CALL x"}) {
        CAPTURE(sql);
        CHECK(objection(sql) == "none");
    }
}

TEST_CASE("what commits by itself or is not rolled back is refused with reason and remedy") {
    for (const char* verb : {"CREATE TEMPORARY TABLE",
                             "CREATE TABLE",
                             "DROP TABLE",
                             "alter table",
                             "TRUNCATE",
                             "RENAME TABLE",
                             "ANALYZE TABLE",
                             "OPTIMIZE TABLE",
                             "REPAIR TABLE",
                             "GRANT ALL ON",
                             "REVOKE ALL ON",
                             "FLUSH",
                             "LOCK TABLES",
                             "UNLOCK TABLES",
                             "START TRANSACTION",
                             "BEGIN",
                             "COMMIT",
                             "/* x */ ROLLBACK",
                             "SAVEPOINT",
                             "RELEASE SAVEPOINT",
                             "XA START",
                             "CALL",
                             "LOAD DATA INFILE",
                             "PREPARE",
                             "EXECUTE",
                             "DO",
                             "SET GLOBAL",
                             "SET autocommit = 0,",
                             "SET @a = 1, @@autocommit = 0,",
                             "SHOW TABLES LIKE",
                             "t"}) {
        CAPTURE(verb);
        CHECK(contains(objection(std::string{verb} + " t"), "at_least_once = true lets it run"));
    }
    CHECK(contains(objection("CALL p(:id)"), "a procedure that is CALLed may commit"));
    CHECK(contains(objection("SET autocommit = 0"), "[session]"));
    CHECK(contains(objection("SELECT a FROM t INTO OUTFILE '/tmp/x'"), "INTO OUTFILE"));
}

TEST_CASE("the columns that an UPDATE assigns are found whatever they are assigned") {
    CHECK(
        assigned("UPDATE t SET a = 1, t.`b` = f(2, (SELECT c = 3, d FROM u WHERE e = 4)), s.t.c=CASE WHEN x = 1 THEN y "
                 "ELSE (z = 2) END, \"d\" = 'a = 1, e = 2' WHERE f = 1 AND g = 2") == Names{"a", "b", "c", "d"});
    CHECK(assigned(
              "UPDATE t JOIN (SELECT id FROM u WHERE v = 1) x ON t.id = x.id SET t.a = x.id ORDER BY b = 1 LIMIT 1") ==
          Names{"a"});
    CHECK(assigned("WITH c AS (SELECT 1) UPDATE LOW_PRIORITY IGNORE t, u SET t.a = 1, u.b = t.c = 2") ==
          Names{"a", "b"});
    CHECK(assigned("UPDATE t SET a = /* b = 1, */ 2") == Names{"a"});
}

TEST_CASE("the columns that an INSERT assigns are those of ON DUPLICATE KEY UPDATE") {
    CHECK(assigned("INSERT INTO t (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = VALUES(b), c = IF(a = 1, 2, 3)") ==
          Names{"b", "c"});
    CHECK(assigned("INSERT INTO t SET a = 1").empty());
    CHECK(assigned("REPLACE INTO t SET a = 1").empty());
    CHECK(assigned("DELETE FROM t WHERE a = 1").empty());
}

TEST_CASE("the tables that are written are named with their schema") {
    CHECK(written("UPDATE t SET a = 1") == std::vector<TableName>{{"", "t"}});
    CHECK(written("UPDATE LOW_PRIORITY `s`.`t``x` AS y SET a = 1") == std::vector<TableName>{{"s", "t`x"}});
    CHECK(written("INSERT IGNORE INTO s.t (a, b) SELECT a, b FROM u") == std::vector<TableName>{{"s", "t"}});
    CHECK(written("REPLACE t VALUES (1)") == std::vector<TableName>{{"", "t"}});
    CHECK(written("DELETE FROM t WHERE a IN (SELECT a FROM u)") == std::vector<TableName>{{"", "t"}});
    CHECK(written("SELECT * FROM t").empty());
}

TEST_CASE("every table of a join counts as written, those of its subqueries do not") {
    CHECK(written("UPDATE a JOIN (b, s.c) ON a.x = f(b.x, 1) LEFT JOIN (SELECT y, z FROM d, e) q USING (x, y), f USE "
                  "INDEX (i, j) "
                  "SET a.x = 1") == std::vector<TableName>{{"", "a"}, {"", "b"}, {"s", "c"}, {"", "f"}});
    CHECK(written("DELETE a.*, s.b.* FROM a INNER JOIN s.b ON a.x = b.x WHERE a.y = 1") ==
          std::vector<TableName>{{"", "a"}, {"s", "b"}, {"", "a"}, {"s", "b"}});
    CHECK(written("DELETE FROM x USING t AS x JOIN u USING (id)") ==
          std::vector<TableName>{{"", "x"}, {"", "t"}, {"", "u"}});
}
