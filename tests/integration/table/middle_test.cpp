#include "fixture.hpp"
#include "table/boundary.hpp"
#include "table/comparison.hpp"
#include "table/middle.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

std::string values(const std::string& text) { return "INSERT INTO t VALUES " + text; }

/// Where the stretch is cut, for people, and that both halves together are the whole.
std::string cut(Tables& tables, const table::Selection& selection, const table::Range& stretch, std::uint64_t least = 2,
                std::uint64_t most = 1000) {
    const auto middle = table::find_middle(tables.session(), selection, stretch, least, most, {});
    if (!middle.key) return "none of " + std::to_string(middle.rows);
    auto both = tables.read(selection, {stretch.after, *middle.key, stretch.descending}, 3);
    CHECK(both.size() == middle.below);
    for (const std::string& key : tables.read(selection, {*middle.key, stretch.upto, stretch.descending}, 3)) both.push_back(key);
    CHECK(both == tables.read(selection, stretch, 3));
    return display(*middle.key) + ": " + std::to_string(middle.below) + " of " + std::to_string(middle.rows);
}

}  // namespace

TEST_CASE_FIXTURE(Tables, "a stretch is cut by its rows, wherever in it they lie") {
    execute("CREATE TABLE t (id BIGINT PRIMARY KEY)");
    execute(values("(1), (2), (3), (900), (901), (1000000000000)"));
    const auto selection = select("t");
    const Key last{Value::integer(1000000000000)};
    CHECK(cut(*this, selection, {{}, last}) == "3: 3 of 6");
    CHECK(cut(*this, selection, {{Value::integer(3)}, last}) == "901: 2 of 3");
    CHECK(cut(*this, selection, {{Value::integer(900)}, last}) == "901: 1 of 2");
    CHECK(cut(*this, selection, {{Value::integer(901)}, last}) == "none of 1");
    CHECK(cut(*this, selection, {last, last}) == "none of 0");
    CHECK(cut(*this, selection, {{}, last}, 7) == "none of 6");
    CHECK(cut(*this, selection, {{}, last}, 6) == "3: 3 of 6");
}

TEST_CASE_FIXTURE(Tables, "of a long stretch no more is looked at than asked, and the rest is the upper part") {
    execute("CREATE TABLE t (id INT UNSIGNED PRIMARY KEY)");
    std::string rows = "(1)";
    for (int id = 2; id <= 500; ++id) rows += ",(" + std::to_string(id) + ")";
    execute(values(rows));
    const auto selection = select("t");
    const table::Range all{{}, {Value::unsigned_integer(500)}};
    const std::uint64_t before = entries_read();
    const auto middle = table::find_middle(session(), selection, all, 2, 20, {});
    CHECK(middle.rows == 20);
    CHECK(middle.below == 10);
    CHECK(display(middle.key.value()) == "10");
    CHECK(entries_read() - before <= 40);
}

TEST_CASE_FIXTURE(Tables, "keys of any type are cut in the server's order, descending ones too") {
    execute("CREATE TABLE t (a VARCHAR(20) COLLATE utf8mb4_general_ci, b DATE, PRIMARY KEY (a, b))");
    execute(values("('a', '2020-01-01'), ('B', '2020-01-01'), ('B', '2020-01-02'), ('B', '2020-01-03'), ('c', '2020-01-01'), "
                   "('É', '2020-01-01')"));
    const auto selection = select("t");
    const auto key = [](const std::string& a, const std::string& b) {
        return Key{Value::text(a), Value{ValueType::date, b}};
    };
    CHECK(cut(*this, selection, {{}, key("É", "2020-01-01")}) == "('B', '2020-01-02'): 3 of 6");
    CHECK(cut(*this, selection, {key("b", "2020-01-01"), key("É", "2020-01-01")}) == "('B', '2020-01-03'): 2 of 4");
    auto backward = select("t");
    backward.descending = true;
    CHECK(cut(*this, backward, {{}, key("a", "2020-01-01"), true}) == "('B', '2020-01-03'): 3 of 6");
    CHECK(cut(*this, backward, {table::including(key("c", "2020-01-01")), key("a", "2020-01-01"), true}) ==
          "('B', '2020-01-02'): 3 of 5");
}

TEST_CASE_FIXTURE(Tables, "rows that went while they were counted leave no empty half behind") {
    execute("CREATE TABLE t (id INT PRIMARY KEY)");
    execute(values("(1), (5)"));
    const auto selection = select("t");
    CHECK(cut(*this, selection, {{}, {Value::integer(9)}}) == "1: 1 of 2");
    execute("DELETE FROM t WHERE id = 1");
    CHECK(cut(*this, selection, {{}, {Value::integer(9)}}) == "none of 1");
}
