#include "job/statement.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace rowmill;
using job::Statement;
using test::contains;
using test::refusal;
using Names = std::vector<std::string>;

namespace {

Names placeholders_of(std::string_view sql) {
    return Statement::parse(sql, "test").placeholders();
}

std::string render(const Statement& statement) {
    std::string sql;
    for (const Statement::Part& part : statement.parts()) sql += (part.is_placeholder ? ":" : "") + part.text;
    return sql;
}

std::string fault_of(std::string_view sql) {
    return refusal([sql] { Statement::parse(sql, "--sql"); });
}

}  // namespace

TEST_CASE("placeholders are found wherever a value may stand") {
    CHECK(placeholders_of("UPDATE t SET a=:a,b = (:b) WHERE id=:id AND x IN(:a)") == Names{"a", "b", "id"});
    CHECK(placeholders_of(":lo") == Names{"lo"});
    CHECK(placeholders_of("a >:lo AND a<=:hi OR 'x':y") == Names{"lo", "hi", "y"});
    CHECK(placeholders_of("SET n = :größe") == Names{"größe"});
}

TEST_CASE("a colon that belongs to text, a comment, a name or an operator begins no placeholder") {
    for (const char* sql :
         {"SELECT ':id', 'it''s :id', 'it\\'s :id', \":id\", \"\"\":id\", '\\\\'", "SELECT `a:id`, ```:id`",
          "SELECT 1 -- :id\n + 1", "SELECT 1 # :id\n + 1", "SELECT /* :id */ 1", "SELECT /*/ :id */ 1",
          "SELECT /*+ MAX_EXECUTION_TIME(:id) */ 1", "SELECT j->'$.a:b', j->>'$[0]'", "SELECT label:id, 12:id",
          "SELECT a::id", "SELECT 12:30", "SELECT @`a:id`, @':id'", "SELECT x':id'"}) {
        CAPTURE(sql);
        CHECK(placeholders_of(sql).empty());
    }
    CHECK(placeholders_of("SELECT @n:=:id") == Names{"id"});
    CHECK(placeholders_of("SELECT @n:=@n+1").empty());
}

TEST_CASE("two minus signs are a comment only before a blank") {
    CHECK(placeholders_of("SELECT 5--:id") == Names{"id"});
    CHECK(placeholders_of("SELECT 5--\t:id\n").empty());
}

TEST_CASE("the parts put together are the statement without its end") {
    const std::string sql = "  UPDATE /* c */ t SET a = ':x' , b=:b -- why\n WHERE `i``d` = :id";
    CHECK(render(Statement::parse(sql + " ;  -- done ;\n /* x */ ", "test")) == sql);
    CHECK(render(Statement::parse(sql + " # a comment that would swallow what follows", "test")) == sql);
    CHECK(render(Statement::parse("SELECT 1;;", "test")) == "SELECT 1");
}

TEST_CASE("a filter may begin with a placeholder and end with one") {
    const Statement filter = Statement::parse(":lo < a AND a <= :hi", "source.where");
    REQUIRE(filter.parts().size() == 3);
    CHECK(filter.parts()[0].is_placeholder);
    CHECK(filter.parts()[1].text == " < a AND a <= ");
    CHECK(filter.uses("hi"));
    CHECK_FALSE(filter.uses("h"));
    CHECK(filter.verb().empty());
}

TEST_CASE("several statements in one text are refused") {
    CHECK(contains(fault_of("SELECT 1; DELETE FROM t"), "--sql: there are several statements"));
    CHECK(contains(fault_of("SELECT 1;/* c */;x"), "several statements"));
    CHECK(fault_of("SELECT ';' -- ;") == "(no error)");
}

TEST_CASE("what is empty, unterminated or unbalanced is refused with its place") {
    CHECK(fault_of("") == "--sql: the SQL is empty");
    CHECK(fault_of(" -- nothing\n ;") == "--sql: the SQL is empty");
    CHECK(fault_of("SELECT\n  'a") == "--sql: a quote (') is not closed (line 2, column 3 of the SQL)");
    CHECK(fault_of("SELECT 1 ---- x") == "--sql: the SQL ends with a minus sign");
    CHECK(contains(fault_of("SELECT 'a\\'"), "is not closed"));
    CHECK(contains(fault_of("SELECT 'a\\"), "is not closed"));
    CHECK(contains(fault_of("SELECT `a\\"), "a quote (`) is not closed"));
    CHECK(contains(fault_of("SELECT \"a"), "is not closed"));
    CHECK(contains(fault_of("SELECT /* a"), "a comment (/*) is not closed"));
    CHECK(contains(fault_of("SELECT /*/"), "a comment (/*) is not closed"));
    CHECK(contains(fault_of(std::string_view{"SELECT \0", 8}), "zero byte"));
    CHECK(fault_of("a = 1) OR (1 = 1") == "--sql: a parenthesis is closed that was not opened");
    CHECK(fault_of("a IN (1, (2)") == "--sql: a parenthesis is not closed");
}

TEST_CASE("a conditional comment is refused: some servers execute it") {
    for (const char* sql : {"SELECT 1 /*! + :id */", "SELECT /*!50000 1; COMMIT */", "SELECT /*M!100100 1 */"}) {
        CHECK(contains(fault_of(sql), "conditional comment"));
    }
}

TEST_CASE("the verb is seen through comments, parentheses and WITH") {
    const auto verb = [](std::string_view sql) { return Statement::parse(sql, "test").verb(); };
    CHECK(verb("/* a */ -- b\n update t SET a = 1") == "UPDATE");
    CHECK(verb("((select 1))") == "SELECT");
    CHECK(verb("WITH RECURSIVE c (n) AS (SELECT 1 UNION SELECT n FROM c), d AS (DELETE) UPDATE t SET a = 1") ==
          "UPDATE");
    CHECK(verb("with c as (select 1) delete from t") == "DELETE");
}

TEST_CASE("tokens are words in capitals and quoted names as written") {
    CHECK(Statement::parse("update `Set` set a = 'x', b = :c where 1e5 -- d", "test").tokens() ==
          Names{"UPDATE", "`Set`", "SET", "A", "B", "WHERE"});
}

TEST_CASE("random SQL is refused or cut without losing a byte") {
    std::random_device device;
    const unsigned seed = device();
    CAPTURE(seed);
    std::mt19937 random{seed};
    const Names pieces{"'",       "''",     "\"",    "`",      "\\",   "--", "-- ",       "#",   "\n",   "/*",
                       "*/",      "/*+",    "(",     ")",      ":",    ":=", "::",        ":id", "@",    "@@x",
                       ";",       ",",      "=",     "1",      "1e5",  ".5", "0x",        ".",   " ",    "UPDATE",
                       "t",       "SET",    "WHERE", "AND",    "OR",   "id", "WITH",      "AS",  "CASE", "END",
                       "BETWEEN", "DELETE", "FROM",  "INSERT", "INTO", "ON", "DUPLICATE", "KEY", "JOIN", "USING",
                       "é",       "$",      "IN",    "SELECT", "*"};
    std::size_t accepted = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string sql;
        for (auto length = random() % 24; length > 0; --length) {
            sql += pieces[random() % pieces.size()];
            if (random() % 2 == 0) sql += ' ';
        }
        CAPTURE(sql);
        try {
            const Statement statement = Statement::parse(sql, "test");
            ++accepted;
            const std::string rendered = render(statement);
            REQUIRE(sql.starts_with(rendered));
            REQUIRE(render(Statement::parse(rendered, "test")) == rendered);
            statement.breaks_exactly_once();
            statement.assigned_columns();
            statement.written_tables();
            if (const auto batch = statement.as_batch("id")) REQUIRE(batch->uses("batch"));
        } catch (const Error& error) {
            REQUIRE(error.kind() == ErrorKind::usage);
        }
    }
    CHECK(accepted > 0);
}
