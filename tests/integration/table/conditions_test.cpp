// Conditions of stretches and batches select exactly what they should, and read little more than that.

#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace rowmill;
using test::Tables;

namespace {

/// All keys of a table, in the server's order.
std::vector<Key> keys_of(Tables& tables, const table::Selection& selection) {
    const Items items = table::read_items(tables.session(), selection, {{}, {}, selection.descending});
    std::vector<Key> keys;
    for (std::size_t i = 0; i < items.size(); ++i) keys.push_back(items[i].key());
    return keys;
}

std::vector<std::string> display_all(const std::vector<Key>& keys) {
    std::vector<std::string> texts;
    for (const Key& key : keys) texts.push_back(display(key));
    return texts;
}

/// (after, upto] by its condition, by pages, and by reading it whole.
void check_range(Tables& tables, const table::Selection& selection, const table::Range& range,
                 const std::vector<std::string>& expected) {
    const std::string condition = table::range_condition(selection.key, range, tables.quote());
    CAPTURE(condition);
    CHECK(tables.ordered_by_server(selection, condition) == expected);
    CHECK(tables.read(selection, range, 2) == expected);
}

/// A table of three-column keys with texts that often compare as equal while their bytes differ.
void make_random_table(Tables& tables, std::mt19937& random, const char* collation) {
    const std::vector<std::string> texts{"a", "A", "á", "a ", "b", "B", "", " ", "ab", "aB", "é"};
    const auto text = [&] { return tables.session().quote(Value::text(texts[random() % texts.size()])); };
    tables.execute("DROP TABLE IF EXISTS t");
    tables.execute(std::string{"CREATE TABLE t (a VARCHAR(3) COLLATE "} + collation + ", b VARCHAR(3) COLLATE " +
                   collation + ", c INT, PRIMARY KEY (a, b, c))");
    std::string insert = "INSERT IGNORE INTO t VALUES ";
    for (int row = 0; row < 30; ++row) {
        insert += (row ? ",(" : "(") + text() + "," + text() + "," + std::to_string(random() % 4) + ")";
    }
    tables.execute(insert);
}

void make_wide_table(Tables& tables) {
    tables.execute("CREATE TABLE d (n INT PRIMARY KEY)");
    tables.execute("INSERT INTO d VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    tables.execute(
        "CREATE TABLE t (a VARCHAR(10) COLLATE utf8mb4_general_ci, b INT, c INT, n INT NOT NULL DEFAULT 0,"
        " pad CHAR(60) NOT NULL DEFAULT 'x', PRIMARY KEY (a, b, c))");
    tables.execute(
        "INSERT INTO t (a, b, c) SELECT CHAR(65 + v.n), w.n * 10 + x.n, y.n * 10 + z.n FROM d v, d w, d x, d y,"
        " d z WHERE v.n < 2");
    tables.session().query("ANALYZE TABLE t");
}

Key key_of(const char* a, int b, int c) {
    return {Value::text(a), Value::integer(b), Value::integer(c)};
}

}  // namespace

TEST_CASE("a stretch of a composite key is what the server's own order says, for random tables") {
    Tables tables;
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 12; ++round) {
        make_random_table(tables, random, round % 2 == 0 ? "utf8mb4_general_ci" : "utf8mb4_unicode_ci");
        auto selection = tables.select("t");
        selection.descending = round % 3 == 0;
        const std::vector<Key> keys = keys_of(tables, selection);
        const std::vector<std::string> texts = display_all(keys);
        REQUIRE(texts == tables.ordered_by_server(selection));
        for (int cut = 0; cut < 15; ++cut) {
            std::size_t first = random() % keys.size(), last = random() % keys.size();
            if (first > last) std::swap(first, last);
            check_range(tables, selection, {keys[first], keys[last], selection.descending},
                        {texts.begin() + first + 1, texts.begin() + last + 1});
        }
        check_range(tables, selection, {{}, keys.front(), selection.descending}, {texts.front()});
        check_range(tables, selection, {keys.back(), {}, selection.descending}, {});
    }
}

TEST_CASE("a batch's condition selects its rows and no other, for random tables") {
    Tables tables;
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 6; ++round) {
        make_random_table(tables, random, "utf8mb4_general_ci");
        const auto selection = tables.select("t");
        const Items items = table::read_items(tables.session(), selection, {});
        const std::size_t first = random() % items.size();
        const Items batch = items.slice(first, 1 + random() % (items.size() - first));
        std::vector<std::string> expected;
        for (std::size_t i = 0; i < batch.size(); ++i) expected.push_back(display(batch[i].key()));
        const std::string condition = table::batch_condition(selection.key, batch, tables.quote());
        CAPTURE(condition);
        CHECK(tables.ordered_by_server(selection, condition) == expected);
    }
}

TEST_CASE("a batch's condition finds keys of every kind") {
    Tables tables;
    tables.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"VARCHAR(9) COLLATE utf8mb4_general_ci", "('a '),('B'),('é'),('O''x'),('\\\\')"},
        {"VARCHAR(9) CHARACTER SET latin1", "('a'),('é'),('ß')"},
        {"VARBINARY(9)", "(''),(x'00'),(x'0000'),(x'27')"},
        {"DATE", "('1000-01-01'),('2024-02-29')"},
        {"DATETIME(6)", "('2021-10-31 02:30:00.000001'),('2021-10-31 02:30:00')"},
        {"TIMESTAMP(3) NOT NULL", "('2021-10-31 00:30:00.001'),('2021-10-31 01:30:00')"},
        {"TIME(2)", "('-838:59:59'),('-00:00:00.01'),('00:00:00')"},
        {"YEAR", "('0000'),(1970),(2001)"},
        {"DECIMAL(20,10)", "(-0.0000000001),(0),(1.5)"},
        {"BIGINT UNSIGNED", "(0),(18446744073709551615)"},
    };
    for (const auto& [type, rows] : cases) {
        CAPTURE(type);
        tables.execute("DROP TABLE IF EXISTS t");
        tables.execute("CREATE TABLE t (k " + type + ", PRIMARY KEY (k))");
        tables.execute("INSERT INTO t VALUES " + rows);
        const auto selection = tables.select("t");
        const Items items = table::read_items(tables.session(), selection, {});
        CHECK(tables.ordered_by_server(selection, table::batch_condition(selection.key, items, tables.quote())) ==
              tables.ordered_by_server(selection));
        tables.execute("ALTER TABLE t ADD COLUMN l INT NOT NULL DEFAULT 7, DROP PRIMARY KEY, ADD PRIMARY KEY (k, l)");
        const auto pair = tables.select("t");
        const Items pairs = table::read_items(tables.session(), pair, {});
        CHECK(tables.ordered_by_server(pair, table::batch_condition(pair.key, pairs, tables.quote())) ==
              tables.ordered_by_server(pair));
    }
}

TEST_CASE("a page of a composite key reads no more than twice the index entries it returns") {
    Tables tables;
    make_wide_table(tables);
    for (const bool descending : {false, true}) {
        auto selection = tables.select("t");
        selection.descending = descending;
        for (const Key& upto : {key_of(descending ? "A" : "B", 50, 50), key_of(descending ? "a" : "b", 50, 50)}) {
            for (const Key& after :
                 {key_of("A", 30, 30), key_of("B", 70, 30), key_of("B", 70, 99), key_of("a", 99, 99)}) {
                if (!descending && after[0].text() == "B") continue;
                CAPTURE(display(after));
                CAPTURE(display(upto));
                table::PageReader reader{
                    tables.session(), std::make_shared<table::Selection>(selection), {after, upto, descending}};
                const std::uint64_t before = tables.entries_read();
                const engine::Page page = reader.next(1000, {});
                const std::uint64_t asked_status = tables.entries_read() - before;
                // What it costs to read the status itself is a few dozen entries on either server.
                const std::uint64_t status = tables.entries_read() - before - asked_status;
                if (!(descending && after[0].text() != "B" && after[1].text() == "30"))
                    CHECK(page.items.size() == 1000);
                CHECK(asked_status - status <= 2 * page.items.size() + 20);
            }
        }
    }
}

TEST_CASE("an update of a stretch reads only the rows of the stretch") {
    Tables tables;
    make_wide_table(tables);
    const auto selection = tables.select("t");
    const std::vector<table::Range> ranges{
        {key_of("A", 30, 30), key_of("A", 40, 30)},  // within one value of the first column
        {key_of("A", 95, 30), key_of("B", 4, 30)},   // over two of them
        {key_of("A", 95, 30), key_of("b", 4, 30)},
        {key_of("A", 30, 30), key_of("a", 40, 30)},  // within one, spelt differently
        {{}, key_of("A", 9, 99)},
        {key_of("B", 90, 0), {}},
    };
    for (const table::Range& range : ranges) {
        const std::string condition = table::range_condition(selection.key, range, tables.quote());
        CAPTURE(condition);
        const std::uint64_t before = tables.entries_read();
        const std::uint64_t matched =
            tables.session().execute("UPDATE t SET n = n + 1 WHERE " + condition + " AND (n >= 0)").matched;
        const std::uint64_t read = tables.entries_read() - before;
        CHECK(matched >= 900);
        CHECK(read <= matched + 100);
    }
}

TEST_CASE("an update of a batch of composite keys reads only its rows") {
    Tables tables;
    make_wide_table(tables);
    const auto selection = tables.select("t");
    const Items items = table::read_items(tables.session(), selection, {key_of("A", 30, 30), key_of("A", 32, 30)});
    REQUIRE(items.size() == 200);
    const std::string condition = table::batch_condition(selection.key, items, tables.quote());
    const std::uint64_t before = tables.entries_read();
    CHECK(tables.session().execute("UPDATE t SET n = n + 1 WHERE " + condition).matched == 200);
    CHECK(tables.entries_read() - before <= 300);
}
