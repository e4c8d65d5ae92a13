#include "job/statement.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace rowmill;
using job::Statement;

namespace {

std::string render(const Statement& statement) {
    std::string sql;
    for (const Statement::Part& part : statement.parts()) sql += (part.is_placeholder ? ":" : "") + part.text;
    return sql;
}

/// The statement for a batch, with the parameters p and filter; "none" where it can't be one.
std::string batch_of(std::string_view sql, const std::vector<std::string>& key = {"id"}) {
    const auto batch = Statement::parse(sql, "test").as_batch(key, [](std::string_view name) {
        return name == "p" || name == "filter";
    });
    return batch ? render(*batch) : "none";
}

}  // namespace

TEST_CASE("a condition on the key becomes one on the batch") {
    CHECK(batch_of("UPDATE t SET n = n + 1 WHERE id = :id") == "UPDATE t SET n = n + 1 WHERE (:batch)");
    CHECK(batch_of("UPDATE t SET n = :p WHERE t.ID = :id AND n > 3") == "UPDATE t SET n = :p WHERE (:batch) AND n > 3");
    CHECK(batch_of("UPDATE s.t SET n = 1 WHERE n>3 AND :id=s.t.`id`") == "UPDATE s.t SET n = 1 WHERE n>3 AND (:batch)");
    CHECK(batch_of("DELETE FROM t WHERE id = :id") == "DELETE FROM t WHERE (:batch)");
    CHECK(batch_of("update t as x set n = 1 where x.id = :id and :filter") ==
          "update t as x set n = 1 where (:batch) and :filter");
    CHECK(batch_of(
              "UPDATE t SET s = CONCAT(UPPER(s), 'ORDER BY :id') WHERE n BETWEEN 1 AND 2 AND id = :id AND (a OR b)") ==
          "UPDATE t SET s = CONCAT(UPPER(s), 'ORDER BY :id') WHERE n BETWEEN 1 AND 2 AND (:batch) AND (a OR b)");
}

TEST_CASE("a key of several columns needs a condition on each") {
    CHECK(batch_of("UPDATE t SET n = 1 WHERE b=:b AND`a`=:a AND n = 2", {"a", "b"}) ==
          "UPDATE t SET n = 1 WHERE (TRUE) AND(:batch) AND n = 2");
    CHECK(batch_of("UPDATE t SET n = 1 WHERE a = :a", {"a", "b"}) == "none");
    CHECK(batch_of("UPDATE t SET n = 1 WHERE a = :a AND a = :a", {"a", "b"}) == "none");
}

TEST_CASE("a condition on the key that is not joined by AND at the top makes no batch") {
    for (const char* where : {"id = :id OR n = 1",
                              "n = 1 OR id = :id",
                              "NOT id = :id",
                              "NOT (id = :id)",
                              "(id = :id OR n)",
                              "id = :id XOR n",
                              "n || id = :id",
                              "n && id = :id",
                              "CASE WHEN n AND id = :id AND m THEN 1 END",
                              "n BETWEEN 1 AND id = :id",
                              "id = :id + 1",
                              "id + 1 = :id",
                              "-id = :id",
                              "id <=> :id",
                              "id >= :id",
                              "id <= :id",
                              "id != :id",
                              "id = :id = 1",
                              "id = :id COLLATE utf8mb4_bin",
                              "BINARY id = :id",
                              "u.id = :id",
                              "s.t.id = :id",
                              "x.t.id = :id",
                              "id IN (:id)",
                              "'id' = :id",
                              "n = :id",
                              "id = :n"}) {
        CAPTURE(where);
        CHECK(batch_of(std::string{"UPDATE t SET n = 1 WHERE "} + where) == "none");
    }
}

TEST_CASE("another use of a row's value makes no batch") {
    CHECK(batch_of("UPDATE t SET n = :id WHERE id = :id") == "none");
    CHECK(batch_of("UPDATE t SET n = :total WHERE id = :id") == "none");
    CHECK(batch_of("UPDATE t SET n = 1 WHERE id = :id AND m = :total") == "none");
    CHECK(batch_of("UPDATE t SET n = 1 WHERE id = :id AND id = :id") == "none");
    CHECK(batch_of("UPDATE t SET n = 1") == "none");
    CHECK(batch_of("UPDATE t SET id = :id") == "none");
    CHECK_FALSE(Statement::parse("UPDATE t SET n = :p WHERE id = :id", "test").as_batch("id"));
}

TEST_CASE("what depends on the order or the number of executions makes no batch") {
    for (const char* set :
         {"n = @n", "n = (@n := @n + 1)", "n = @@insert_id", "n = (SELECT 1)", "n = RAND()", "n = UUID()",
          "n = SLEEP(1)", "n = GET_LOCK('a', 1)", "n = LAST_INSERT_ID(n)", "n = ROW_COUNT()", "n = my_function(n)",
          "n = s.abs(n)", "n = `abs`(n)", "n = NEXT VALUE FOR q", "n = NEXTVAL(q)", "n = q.NEXTVAL", "n = SYSDATE()",
          "n = BENCHMARK(9, 1)", "n = ROWNUM()"}) {
        CAPTURE(set);
        CHECK(batch_of(std::string{"UPDATE t SET "} + set + " WHERE id = :id") == "none");
    }
    for (const char* sql :
         {"UPDATE t SET n = 1 WHERE id = :id LIMIT 1", "UPDATE t SET n = 1 WHERE id = :id ORDER BY n",
          "DELETE FROM t WHERE id = :id RETURNING n", "UPDATE IGNORE t SET n = 1 WHERE id = :id",
          "UPDATE t, u SET n = 1 WHERE id = :id", "UPDATE t JOIN u SET n = 1 WHERE id = :id",
          "DELETE t FROM t WHERE id = :id", "DELETE FROM t USING t, u WHERE id = :id",
          "UPDATE t PARTITION (p) SET n = 1 WHERE id = :id", "UPDATE (t) SET n = 1 WHERE id = :id",
          "WITH c AS (SELECT 1) UPDATE t SET n = 1 WHERE id = :id", "UPDATE t a b SET n = 1 WHERE id = :id",
          "INSERT INTO t SELECT 1 WHERE id = :id", "REPLACE t SET id = :id", "SELECT n FROM t WHERE id = :id",
          "UPDATE t AS x SET n = 1 WHERE t.id = :id"}) {
        CAPTURE(sql);
        CHECK(batch_of(sql) == "none");
    }
}
