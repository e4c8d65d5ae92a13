// Every row is visited exactly once, whatever the key is made of, the page's size, the sack's and the direction.

#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;
using test::Tables;

namespace {

struct KeyCase {
    const char* name;
    const char* columns;
    const char* key;
    const char* rows;
};

const KeyCase cases[] = {
    {"tinyint", "k TINYINT", "k", "(-128),(-1),(0),(1),(2),(3),(64),(127)"},
    {"smallint", "k SMALLINT UNSIGNED", "k", "(0),(1),(2),(500),(501),(65535)"},
    {"mediumint", "k MEDIUMINT", "k", "(-8388608),(-5),(0),(7),(8),(9),(8388607)"},
    {"int", "k INT ZEROFILL", "k", "(0),(1),(2),(3),(4000000000),(4294967295)"},
    {"bigint", "k BIGINT", "k",
     "(-9223372036854775808),(-9223372036854775807),(-1),(0),(1),(9223372036854775806),(9223372036854775807)"},
    {"unsigned bigint", "k BIGINT UNSIGNED", "k",
     "(0),(1),(9223372036854775807),(9223372036854775808),(18446744073709551614),(18446744073709551615)"},
    {"decimal", "k DECIMAL(30,10)", "k",
     "(-99999999999999999999.9999999999),(-0.0000000001),(0),(0.1),(0.2),(0.3),(99999999999999999999.9999999999)"},
    {"year", "k YEAR", "k", "('0000'),(1901),(1969),(1970),(2000),(2001),(2024),(2155)"},
    {"date", "k DATE", "k", "('1000-01-01'),('1999-12-31'),('2000-01-01'),('2024-02-29'),('9999-12-31')"},
    {"datetime", "k DATETIME(6)", "k",
     "('1000-01-01 00:00:00'),('2021-10-31 02:30:00.000001'),('2021-10-31 02:30:00.000002'),('2021-10-31 02:30:00.1'),"
     "('9999-12-31 23:59:59.999999')"},
    {"timestamp over a change of the clocks", "k TIMESTAMP(3) NOT NULL", "k",
     "('1970-01-01 00:00:01'),('2021-10-31 00:30:00'),('2021-10-31 00:30:00.001'),('2021-10-31 01:30:00'),"
     "('2021-10-31 01:30:00.001'),('2021-10-31 02:30:00'),('2021-03-28 00:59:59.999'),('2021-03-28 01:00:00'),"
     "('2038-01-19 03:14:07')"},
    {"time", "k TIME(2)", "k",
     "('-838:59:59'),('-12:00:00.5'),('-00:00:00.01'),('00:00:00'),('00:00:00.01'),('23:59:59'),('838:59:59')"},
    {"text without case and accent", "k VARCHAR(40) COLLATE utf8mb4_general_ci", "k",
     "('a'),('B'),('c'),('É'),('e1'),('F'),('z'),('Z1'),('ß1'),('st'),('')"},
    {"text by the Unicode collation", "k VARCHAR(40) COLLATE utf8mb4_unicode_ci", "k",
     "('a'),('B'),('c'),('É'),('e1'),('F'),('z'),('Z1'),('co-op'),('coop1'),('œuf'),('oeuf1'),('ß1')"},
    {"text by its bytes", "k VARCHAR(40) COLLATE utf8mb4_bin", "k",
     "('a'),('A'),('B'),('c'),('É'),('é'),('e'),('f'),('Z'),('z'),('a b'),('a!'),('a\\tb'),('')"},
    {"quotes, backslashes and emoji", "k VARCHAR(40) COLLATE utf8mb4_bin", "k",
     "('O''Brien'),('\"x\"'),('back\\\\slash'),('\\\\'),(''''),(''),('%_'),('😀'),('😀😀'),('naïve'),('a\\nb'),('`'),('-- "
     "x')"},
    {"char with trailing blanks", "k CHAR(6) COLLATE utf8mb4_general_ci", "k",
     "('a'),('a  x'),('a x'),('b   '),('  c'),('')"},
    {"varchar with trailing blanks", "k VARCHAR(10) COLLATE utf8mb4_general_ci", "k",
     "('a  '),('b '),('c'),('c\\t'),(' d'),('d x'),('   ')"},
    {"latin1", "k VARCHAR(20) CHARACTER SET latin1", "k", "('a'),('B'),('é'),('Ö'),('ß'),('z'),('Zz'),('f')"},
    {"ascii", "k CHAR(8) CHARACTER SET ascii", "k", "('a'),('B'),('c'),('d'),('E1')"},
    {"utf8mb3", "k VARCHAR(20) CHARACTER SET utf8mb3", "k", "('a'),('B'),('é'),('ö'),('日本'),('z')"},
    {"binary", "k BINARY(4)", "k",
     "(x'00000000'),(x'00000001'),(x'61000000'),(x'61620000'),(x'ffffffff'),(x'27005c22')"},
    {"varbinary", "k VARBINARY(8)", "k",
     "(''),(x'00'),(x'0000'),(x'61'),(x'6100'),(x'4100'),(x'ff'),(x'ff00'),(x'275c')"},
    {"two integers", "a INT, b INT", "a, b",
     "(1,1),(1,2),(1,3),(2,1),(3,1),(3,2),(3,3),(3,4),(5,-1),(5,0),(7,1),(-1,9),(-1,8)"},
    {"a text that compares as equal, and a number", "a VARCHAR(10) COLLATE utf8mb4_general_ci, b INT", "a, b",
     "('a',1),('A',2),('á',3),('Á',4),('a ',5),('b',1),('B',2),('B ',3),('c',1),('C',2),('ab',0),('AB',1)"},
    {"a number and a text", "a BIGINT UNSIGNED, b VARCHAR(10) COLLATE utf8mb4_unicode_ci", "a, b",
     "(0,'a'),(0,'B'),(0,'c'),(18446744073709551615,'é'),(18446744073709551615,'f'),(18446744073709551615,'G "
     "'),(7,'')"},
    {"three columns", "a CHAR(3) COLLATE utf8mb4_general_ci, b DATE, c VARBINARY(4)", "a, b, c",
     "('x','2020-01-01',x'00'),('X','2020-01-01',x'01'),('x','2020-01-02',x'00'),('X','2019-01-01',x'ff'),"
     "('y','2020-01-01',x'00'),('Y','2020-01-01',x'0000'),('z','2020-01-01',''),('Z','2020-01-01',x'00')"},
    {"four columns", "a TINYINT, b VARCHAR(4) COLLATE utf8mb4_general_ci, c DECIMAL(4,1), d TIME", "a, b, c, d",
     "(1,'a',0.5,'-01:00:00'),(1,'A',0.5,'00:00:00'),(1,'á',0.5,'01:00:00'),(1,'a',-0.5,'01:00:00'),(1,'b',0,'00:00:00'"
     "),"
     "(2,'a',0,'00:00:00'),(2,'A',1,'00:00:00'),(2,'b',1,'00:00:00'),(2,'B',1,'00:00:01'),(3,'',0,'00:00:00')"},
};

void make_table(Tables& tables, const KeyCase& each) {
    tables.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    tables.execute(std::string{"CREATE TABLE t ("} + each.columns + ", PRIMARY KEY (" + each.key + "))");
    tables.execute(std::string{"INSERT INTO t VALUES "} + each.rows);
}

void visit_all_ways(Tables& tables, table::Selection selection) {
    for (const bool descending : {false, true}) {
        selection.descending = descending;
        const auto expected = tables.ordered_by_server(selection);
        for (const std::uint64_t sack_rows : {1, 7, 1000}) {
            const auto sacks = tables.plan(selection, sack_rows);
            for (const std::size_t page_size : {1, 2, 3, 1000}) {
                CAPTURE(descending);
                CAPTURE(sack_rows);
                CAPTURE(page_size);
                CHECK(tables.read(selection, sacks, page_size) == expected);
            }
        }
    }
}

}  // namespace

TEST_CASE("every row is visited exactly once, in the server's order") {
    for (const KeyCase& each : cases) {
        SUBCASE(each.name) {
            Tables tables;
            make_table(tables, each);
            visit_all_ways(tables, tables.select("t"));
        }
    }
}

TEST_CASE("every row is visited exactly once under NO_BACKSLASH_ESCAPES") {
    Tables tables;
    tables.execute("CREATE TABLE t (k VARCHAR(40) COLLATE utf8mb4_bin PRIMARY KEY)");
    tables.execute("INSERT INTO t VALUES ('a\\\\b'), ('\\\\'), ('O''Brien\\\\'), ('\\''), ('x')");
    db::SessionSettings settings;
    settings.sql_mode = "NO_BACKSLASH_ESCAPES";
    db::Session session{tables.schema.endpoint(), settings};
    const auto selection = std::make_shared<table::Selection>(tables.select("t"));
    table::PageReader reader{session, selection, {{}, {Value::text("x")}}};
    std::vector<std::string> keys;
    for (bool at_end = false; !at_end;) {
        const engine::Page page = reader.next(1, {});
        for (std::size_t i = 0; i < page.items.size(); ++i) keys.push_back(display(page.items[i].key()));
        at_end = page.at_end;
    }
    CHECK(keys == tables.ordered_by_server(*selection));
}

TEST_CASE("uuid and inet keys are read in the order in which the server compares them") {
    Tables tables;
    if (!tables.session().server().is_mariadb() || tables.session().server().version < 100800) return;
    SUBCASE("uuid") {
        tables.execute("CREATE TABLE t (k UUID PRIMARY KEY)");
        tables.execute(
            "INSERT INTO t VALUES ('123e4567-e89b-12d3-a456-426614174000'), ('00000000-0000-0000-0000-000000000001'),"
            " ('ffffffff-0000-4000-8000-000000000000'), ('00000000-ffff-1fff-0000-000000000000'),"
            " ('023e4567-e89b-12d3-b456-426614174000')");
        visit_all_ways(tables, tables.select("t"));
    }
    SUBCASE("inet6") {
        tables.execute("CREATE TABLE t (k INET6 PRIMARY KEY)");
        tables.execute(
            "INSERT INTO t VALUES ('::'), ('::1'), ('::ffff:10.0.0.1'), ('2001:db8::ff00:42:8329'), ('fe80::1')");
        visit_all_ways(tables, tables.select("t"));
    }
    SUBCASE("inet4") {
        if (tables.session().server().version < 101000) return;
        tables.execute("CREATE TABLE t (k INET4 PRIMARY KEY)");
        tables.execute(
            "INSERT INTO t VALUES ('0.0.0.0'), ('9.0.0.1'), ('10.0.0.1'), ('100.0.0.1'), ('255.255.255.255')");
        visit_all_ways(tables, tables.select("t"));
    }
}

TEST_CASE("a unique index, ascending or descending, serves as the key") {
    Tables tables;
    tables.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL, b VARCHAR(5) NOT NULL, UNIQUE u (a, b))");
    tables.execute("INSERT INTO t VALUES (1,9,'x'),(2,9,'y'),(3,8,'x'),(4,7,'x'),(5,7,'Y'),(6,7,'z'),(7,1,'')");
    if (!tables.session().server().is_mariadb() || tables.session().server().version >= 100800) {
        tables.execute("ALTER TABLE t ADD UNIQUE v (a DESC, b DESC)");
        visit_all_ways(tables, tables.select("t", "v"));
    }
    visit_all_ways(tables, tables.select("t", "u"));
}

TEST_CASE("a generated column serves as the key") {
    Tables tables;
    if (tables.session().server().is_mariadb()) return;  // There it can't be declared NOT NULL.
    tables.execute("CREATE TABLE t (id INT PRIMARY KEY, g INT AS (-id) STORED NOT NULL, UNIQUE u (g))");
    tables.execute("INSERT INTO t (id) VALUES (1),(2),(3),(4),(5),(6),(7),(8)");
    visit_all_ways(tables, tables.select("t", "u"));
}

TEST_CASE("a partitioned table is read in one order") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b)) PARTITION BY HASH (a) PARTITIONS 3");
    tables.execute("INSERT INTO t VALUES (1,1),(1,2),(2,1),(3,1),(4,1),(5,1),(5,2),(5,3),(6,1),(7,7)");
    visit_all_ways(tables, tables.select("t"));
}

TEST_CASE("only the partitions named are read") {
    Tables tables;
    tables.execute(
        "CREATE TABLE t (a INT PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION low VALUES LESS THAN (10),"
        " PARTITION mid VALUES LESS THAN (20), PARTITION high VALUES LESS THAN MAXVALUE)");
    tables.execute("INSERT INTO t VALUES (1),(5),(9),(11),(15),(19),(25),(30)");
    auto selection = tables.select("t");
    CHECK(selection.table.partitions == std::vector<std::string>{"low", "mid", "high"});
    selection.partitions = {"low", "high"};
    CHECK(tables.read(selection, tables.plan(selection, 2), 2) ==
          tables.ordered_by_server(selection, "a < 10 OR a >= 20"));
}

TEST_CASE("an empty table has empty bounds and no sacks") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))");
    const auto selection = tables.select("t");
    CHECK(table::read_bounds(tables.session(), selection, {}, {}).empty);
    CHECK(tables.plan(selection, 10).empty());
}

TEST_CASE("the only row of a table is visited") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))");
    tables.execute("INSERT INTO t VALUES (1, 2)");
    visit_all_ways(tables, tables.select("t"));
}

TEST_CASE("a table's definition stays the same while rows come, and changes with the table") {
    Tables tables;
    tables.execute("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT COMMENT ' AUTO_INCREMENT=7') COMMENT 'x AUTO_INCREMENT=8 y'");
    const table::Description known = table::describe(tables.session(), "", "t");
    const std::string before = table::definition(tables.session(), known);
    tables.execute("INSERT INTO t (n) VALUES (1), (2), (3)");
    CHECK(table::definition(tables.session(), known) != "");
    tables.execute("ALTER TABLE t COMMENT 'plain'");
    const std::string plain = table::definition(tables.session(), known);
    CHECK(plain != before);
    tables.execute("INSERT INTO t (n) VALUES (4)");
    CHECK(table::definition(tables.session(), known) == plain);
    tables.execute("ALTER TABLE t MODIFY id BIGINT AUTO_INCREMENT");
    CHECK(table::definition(tables.session(), known) != plain);
}
