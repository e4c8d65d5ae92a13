// Pages: filters, windows, bounds in rows and bytes, stretches without items, and ends.

#include "fixture.hpp"

#include "table/side_by_side.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

using namespace rowmill;
using test::Tables;

namespace {

void make_numbers(Tables& tables, int rows) {
    tables.execute("CREATE TABLE t (id INT PRIMARY KEY, flag INT NOT NULL DEFAULT 0, body VARCHAR(2000))");
    std::string insert = "INSERT INTO t (id) VALUES ";
    for (int id = 1; id <= rows; ++id) insert += (id > 1 ? ",(" : "(") + std::to_string(id) + ")";
    tables.execute(insert);
}

Key id(int value) {
    return {Value::integer(value)};
}

table::PageReader reader_of(Tables& tables, const table::Selection& selection, table::Range range,
                            std::uint64_t rows = 0) {
    return {tables.session(), std::make_shared<table::Selection>(selection), std::move(range), rows};
}

}  // namespace

TEST_CASE("a page's stretch runs from the last page's end to its own last key") {
    Tables tables;
    make_numbers(tables, 10);
    auto reader = reader_of(tables, tables.select("t"), {id(2), id(9)});
    const engine::Page first = reader.next(3, {});
    CHECK(first.after == id(2));
    CHECK(first.upto == id(5));
    CHECK(first.count == 3);
    CHECK_FALSE(first.at_end);
    const engine::Page second = reader.next(3, {});
    CHECK(second.after == id(5));
    CHECK(second.upto == id(8));
    const engine::Page third = reader.next(3, {});
    CHECK(third.items.size() == 1);
    CHECK(third.upto == id(9));
    CHECK(third.at_end);
}

TEST_CASE("the last page of a range reaches to the range's end, past the last row") {
    Tables tables;
    make_numbers(tables, 5);
    auto reader = reader_of(tables, tables.select("t"), {id(3), id(50)});
    const engine::Page page = reader.next(10, {});
    CHECK(page.items.size() == 2);
    CHECK(page.upto == id(50));
    CHECK(page.at_end);
}

TEST_CASE("columns beside the key come with each item, NULL and all") {
    Tables tables;
    tables.execute("CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10), `b``c` VARBINARY(4))");
    tables.execute("INSERT INTO t VALUES (1, NULL, x'0027'), (2, '', NULL)");
    auto reader = reader_of(tables, tables.select("t", {}, {"b`c", "a", "ID"}), {});
    const engine::Page page = reader.next(10, {});
    REQUIRE(page.items.size() == 2);
    CHECK(page.items.shape().columns.size() == 3);
    CHECK(page.items[0]["a"].is_null());
    CHECK(page.items[0]["b`c"].text() == std::string_view{"\0'", 2});
    CHECK(page.items[1]["a"].text().empty());
    CHECK_FALSE(page.items[1]["a"].is_null());
}

TEST_CASE("filters that match nothing, one row or the last row") {
    Tables tables;
    make_numbers(tables, 100);
    auto selection = tables.select("t");
    for (const std::uint64_t max_examined : {1, 3, 10, 1000}) {
        selection.max_examined = max_examined;
        for (const bool descending : {false, true}) {
            selection.descending = descending;
            CAPTURE(max_examined);
            const auto sacks = tables.plan(selection, 40);
            selection.filter = "id = 0 OR id > 1000";
            CHECK(tables.read(selection, sacks, 5).empty());
            selection.filter = "id = 37";
            CHECK(tables.read(selection, sacks, 5) == std::vector<std::string>{"37"});
            selection.filter = "id = 100 -- the last";
            CHECK(tables.read(selection, sacks, 5) == std::vector<std::string>{"100"});
            selection.filter = "id = 1 OR id = 100";
            CHECK(tables.read(selection, sacks, 1) == tables.ordered_by_server(selection, "id IN (1, 100)"));
        }
    }
}

TEST_CASE("a filter that matches little returns empty pages that move on, and never scans the table in one query") {
    Tables tables;
    make_numbers(tables, 2000);
    auto selection = tables.select("t");
    selection.filter = "flag = 1";
    selection.max_examined = 10;
    auto reader = reader_of(tables, selection, {{}, id(2000)});
    const std::uint64_t before = tables.entries_read();
    const engine::Page page = reader.next(5, {});
    CHECK(page.items.empty());
    CHECK_FALSE(page.at_end);
    CHECK(page.upto == id(80));
    CHECK(tables.entries_read() - before <= 400);
    CHECK(reader.next(5, {}).after == id(80));
}

TEST_CASE("windows hide no row") {
    Tables tables;
    make_numbers(tables, 500);
    auto selection = tables.select("t");
    selection.filter = "id % 7 = 3";
    selection.max_examined = 20;
    for (const std::size_t page_size : {1, 2, 3, 1000}) {
        CHECK(tables.read(selection, {{}, id(500)}, page_size) == tables.ordered_by_server(selection, "id % 7 = 3"));
    }
}

TEST_CASE("a page holds no more bytes than allowed, but at least one row") {
    Tables tables;
    make_numbers(tables, 50);
    tables.execute("UPDATE t SET body = REPEAT('x', 1000)");
    auto selection = tables.select("t", {}, {"body"});
    selection.page_bytes = 5000;
    auto reader = reader_of(tables, selection, {{}, id(50)});
    std::size_t rows = 0;
    for (bool at_end = false; !at_end;) {
        const engine::Page page = reader.next(1000, {});
        CHECK(page.items.size() <= 6);
        CHECK(page.count == page.items.size());
        rows += page.items.size();
        at_end = page.at_end;
    }
    CHECK(rows == 50);
    selection.page_bytes = 10;
    CHECK(tables.read(selection, {{}, id(50)}, 1000).size() == 50);
}

TEST_CASE("a reader whose range was shortened stops at the new end") {
    Tables tables;
    make_numbers(tables, 100);
    auto selection = tables.select("t");
    selection.filter = "id > 0";
    selection.max_examined = 30;
    auto reader = reader_of(tables, selection, {{}, id(100)});
    CHECK(reader.next(10, {}).upto == id(10));
    reader.shorten(id(25));
    CHECK(reader.next(10, {}).upto == id(20));
    const engine::Page last = reader.next(10, {});
    CHECK(last.items.size() == 5);
    CHECK(last.upto == id(25));
    CHECK(last.at_end);
}

TEST_CASE("a reader that was stopped throws and stays where it was") {
    Tables tables;
    make_numbers(tables, 10);
    auto reader = reader_of(tables, tables.select("t"), {{}, id(10)});
    std::stop_source stop;
    stop.request_stop();
    try {
        reader.next(5, stop.get_token());
        FAIL("did not throw");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::stopped);
    }
    CHECK(reader.next(5, {}).upto == id(5));
}

TEST_CASE("an error is not an end: the page can be read again") {
    Tables tables;
    make_numbers(tables, 10);
    auto reader = reader_of(tables, tables.select("t"), {{}, id(10)});
    CHECK(reader.next(4, {}).upto == id(4));
    tables.execute("RENAME TABLE t TO gone");
    CHECK_THROWS_AS(reader.next(4, {}), Error);
    tables.execute("RENAME TABLE gone TO t");
    const engine::Page page = reader.next(4, {});
    CHECK(page.after == id(4));
    CHECK(page.upto == id(8));
}

TEST_CASE("stretches without items count the rows between boundaries, to the last one") {
    Tables tables;
    make_numbers(tables, 100);
    auto selection = tables.select("t");
    selection.stretches_only = true;
    for (const char* filter : {"", "id % 3 = 0"}) {
        for (const std::uint64_t max_examined : {7, 1000}) {
            selection.filter = filter;
            selection.max_examined = max_examined;
            auto reader = reader_of(tables, selection, {id(1), id(99)});
            std::uint64_t counted = 0, matched = 0;
            Key position = id(1);
            for (bool at_end = false; !at_end;) {
                const engine::Page page = reader.next(8, {});
                CHECK(page.items.empty());
                CHECK(page.after == position);
                const table::Range range{page.after, page.upto};
                const std::uint64_t inside = table::read_items(tables.session(), selection, range).size();
                CHECK(page.count == inside);
                CHECK(page.count <= 8);
                counted += page.count;
                matched += inside;
                position = page.upto;
                at_end = page.at_end;
            }
            CHECK(position == id(99));
            CHECK(counted == (*filter ? 33 : 98));
        }
    }
}

TEST_CASE("stretches that are reckoned touch each other, hold every row, and never more rows than are asked for") {
    Tables tables;
    make_numbers(tables, 1000);
    tables.execute("DELETE FROM t WHERE id IN (150, 151, 333) OR id BETWEEN 400 AND 477 OR (id > 800 AND id % 2 = 0)");
    auto selection = tables.select("t");
    selection.stretches_only = selection.may_reckon = true;
    for (const std::size_t size : {1, 7, 50, 2000}) {
        CAPTURE(size);
        auto reader = reader_of(tables, selection, {{}, id(999)});
        std::size_t rows = 0;
        Key position;
        for (bool at_end = false; !at_end;) {
            const engine::Page page = reader.next(size, {});
            CHECK(page.after == position);
            const std::size_t inside = table::read_items(tables.session(), selection, {page.after, page.upto}).size();
            CHECK(inside <= page.count);
            CHECK(page.count <= size);
            rows += inside;
            position = page.upto;
            at_end = page.at_end;
        }
        CHECK(position == id(999));
        CHECK(rows == 1000 - 3 - 78 - 100);
    }
}

TEST_CASE("pages that are reckoned name every key that there is, in order, and say that others may be among them") {
    Tables tables;
    make_numbers(tables, 1000);
    tables.execute("DELETE FROM t WHERE id IN (150, 151, 333) OR id BETWEEN 400 AND 477");
    auto selection = tables.select("t");
    const auto expected = tables.ordered_by_server(selection);
    selection.may_reckon = true;
    auto reader = reader_of(tables, selection, {{}, id(1000)});
    std::vector<std::string> named, surely;
    for (bool at_end = false; !at_end;) {
        const engine::Page page = reader.next(20, {});
        CHECK(page.count == page.items.size());
        for (std::size_t i = 0; i < page.items.size(); ++i) {
            named.push_back(display(page.items[i].key()));
            if (!page.is_reckoned) surely.push_back(named.back());
        }
        at_end = page.at_end;
    }
    const auto is_there = [&](const std::string& key) { return std::ranges::find(expected, key) != expected.end(); };
    CHECK(surely.size() < named.size());
    CHECK(std::ranges::all_of(surely, is_there));
    std::erase_if(named, [&](const std::string& key) { return !is_there(key); });
    CHECK(named == expected);
}

TEST_CASE("of keys that lie side by side most boundaries cost no query, and a hole of any width only one") {
    Tables tables;
    make_numbers(tables, 1000);
    tables.execute("UPDATE t SET id = id + 1000000 WHERE id > 500 ORDER BY id DESC");
    auto selection = tables.select("t");
    selection.stretches_only = selection.may_reckon = true;
    auto reader = reader_of(tables, selection, {id(0), id(1001000)});
    const auto queries = [&] {
        return std::stoull(tables.session().query("SHOW SESSION STATUS LIKE 'Com_select'").text(0, 1));
    };
    const auto before = queries();
    std::uint64_t pages = 0;
    for (bool at_end = false; !at_end; ++pages) at_end = reader.next(10, {}).at_end;
    CHECK(pages >= 100);
    CHECK(pages < 100 + 16);  // what was still reckoned where the hole began
    CHECK(queries() - before < 15);
}

TEST_CASE("a reader goes on with what the reader of another range has learned of the keys") {
    Tables tables;
    make_numbers(tables, 1000);
    auto selection = tables.select("t");
    selection.stretches_only = selection.may_reckon = true;
    const auto shared = std::make_shared<table::Selection>(selection);
    const auto learned = std::make_shared<table::SideBySide>(selection);
    table::PageReader first{tables.session(), shared, {id(0), id(30)}, 0, learned};
    CHECK_FALSE(first.knows_next());
    CHECK_FALSE(first.next(10, {}).is_reckoned);
    CHECK(first.knows_next());
    table::PageReader second{tables.session(), shared, {id(500), id(530)}, 0, learned};
    CHECK(second.knows_next());
    const engine::Page page = second.next(10, {});
    CHECK(page.is_reckoned);
    CHECK(page.upto == id(510));
}

TEST_CASE("stretches of a composite key cover it without gap or overlap") {
    Tables tables;
    tables.execute("CREATE TABLE t (a VARCHAR(4) COLLATE utf8mb4_general_ci, b INT, PRIMARY KEY (a, b))");
    tables.execute(
        "INSERT INTO t VALUES ('a',1),('A',2),('a',3),('b',1),('B',2),('c',1),('d',1),('D',2),('d',3),('D',4)");
    auto selection = tables.select("t");
    for (const bool descending : {false, true}) {
        selection.descending = descending;
        selection.stretches_only = false;
        const auto expected = tables.ordered_by_server(selection);
        selection.stretches_only = true;
        for (const std::size_t size : {1, 2, 3, 4, 20}) {
            std::vector<std::string> keys;
            for (const auto& sack : tables.plan(selection, 6)) {
                auto reader = reader_of(tables, selection, {sack.after, sack.upto, descending}, sack.rows);
                for (bool at_end = false; !at_end;) {
                    const engine::Page page = reader.next(size, {});
                    at_end = page.at_end;
                    const Items items =
                        table::read_items(tables.session(), selection, {page.after, page.upto, descending});
                    CHECK(items.size() == page.count);
                    for (std::size_t i = 0; i < items.size(); ++i) keys.push_back(display(items[i].key()));
                }
            }
            CHECK(keys == expected);
        }
    }
}

TEST_CASE("a stretch costs one query of the index") {
    Tables tables;
    make_numbers(tables, 1000);
    auto selection = tables.select("t");
    selection.stretches_only = true;
    auto reader = reader_of(tables, selection, {{}, id(1000)}, 1000);
    const auto queries = [&] {
        return std::stoull(tables.session().query("SHOW SESSION STATUS LIKE 'Com_select'").text(0, 1));
    };
    const auto before = queries();
    for (int i = 0; i < 10; ++i) CHECK(reader.next(100, {}).at_end == (i == 9));
    CHECK(queries() - before == 10);
}
