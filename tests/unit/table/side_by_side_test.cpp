#include "quoting.hpp"
#include "table/side_by_side.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace rowmill;
using namespace rowmill::table;

namespace {

Selection over(KeySpec key) {
    Selection selection;
    selection.key = std::move(key);
    return selection;
}

Selection over_ids(ValueType type = ValueType::integer) { return over(test::key_of({test::column("id", type)})); }

Key id(std::int64_t value) { return {Value::integer(value)}; }

/// How many boundaries are reckoned before one is to be found again.
int reckoned(SideBySide& keys, const Range& range = {id(100), id(1'000'000)}) {
    int count = 0;
    while (keys.next(range, 10)) ++count;
    return count;
}

}  // namespace

TEST_CASE("no boundary is reckoned before one was found as many keys on as there were rows") {
    SideBySide keys{over_ids()};
    CHECK_FALSE(keys.next({id(0), id(100)}, 10));
    keys.found(id(0), id(11), 10);
    CHECK_FALSE(keys.next({id(11), id(100)}, 10));
    keys.found(id(11), id(21), 10);
    const auto next = keys.next({id(21), id(100)}, 10);
    REQUIRE(next);
    CHECK(next->boundary == id(31));
    CHECK(next->most == 10);
}

TEST_CASE("boundaries are found again ever more seldom, as long as keys lie side by side") {
    SideBySide keys{over_ids()};
    std::vector<int> counts;
    for (int i = 0; i < 4; ++i) {
        keys.found(id(0), id(10), 10);
        counts.push_back(reckoned(keys));
    }
    CHECK(counts == std::vector{4, 16, 16, 16});
    keys.found(id(0), id(12), 10);
    CHECK(reckoned(keys) == 0);
    keys.found(id(0), id(10), 10);
    CHECK(reckoned(keys) == 4);
}

TEST_CASE("what was learned in one range holds for the next, but not for one that begins with the table") {
    SideBySide keys{over_ids()};
    CHECK_FALSE(keys.reckons_next({id(10), id(100)}));
    keys.found(id(0), id(10), 10);
    CHECK(keys.reckons_next({id(10), id(100)}));
    CHECK_FALSE(keys.reckons_next({{}, id(100)}));
    CHECK_FALSE(keys.next({{}, id(100)}, 10));
    const auto elsewhere = keys.next({id(5000), id(6000)}, 10);
    REQUIRE(elsewhere);
    CHECK(elsewhere->boundary == id(5010));
}

TEST_CASE("what is reckoned ends with the range, and tells of no more rows than there are keys left") {
    SideBySide keys{over_ids()};
    keys.found(id(0), id(10), 10);
    const auto last = keys.next({id(96), id(100)}, 10);
    REQUIRE(last);
    CHECK(last->boundary == id(100));
    CHECK(last->most == 4);
}

TEST_CASE("the last boundary is the end as the range has it, however its number is written") {
    SideBySide keys{over_ids()};
    keys.found(id(0), id(10), 10);
    const Key end{Value{ValueView{ValueType::integer, "0000000100"}}};
    const auto last = keys.next({id(95), end}, 10);
    REQUIRE(last);
    CHECK(last->boundary == end);
    CHECK(last->boundary != id(100));
}

TEST_CASE("the extremes of 64 bits are reckoned with as any other key") {
    constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
    SideBySide keys{over_ids()};
    keys.found(id(least), id(least + 10), 10);
    const auto all = keys.next({id(least), id(most)}, std::numeric_limits<std::uint64_t>::max());
    REQUIRE(all);
    CHECK(all->boundary == id(most));
    SideBySide unsigned_keys{over_ids(ValueType::unsigned_integer)};
    const auto huge = [](std::uint64_t below) { return Key{Value::unsigned_integer(~std::uint64_t{0} - below)}; };
    unsigned_keys.found(huge(30), huge(20), 10);
    const auto last = unsigned_keys.next({huge(3), huge(0)}, 10);
    REQUIRE(last);
    CHECK(last->boundary == huge(0));
    CHECK(last->most == 3);
}

TEST_CASE("nothing is reckoned of a filter, of a descending order, of other keys, or from the table's beginning") {
    Selection filtered = over_ids();
    filtered.filter = "n > 0";
    Selection descending = over_ids();
    descending.descending = true;
    for (const Selection& selection :
         {filtered, descending, over_ids(ValueType::decimal),
          over(test::key_of({test::column("a", ValueType::integer), test::column("b", ValueType::integer)}))}) {
        SideBySide keys{selection};
        keys.found(id(0), id(10), 10);
        CHECK(reckoned(keys) == 0);
    }
    SideBySide from_beginning{over_ids()};
    from_beginning.found({}, id(10), 10);
    CHECK(reckoned(from_beginning) == 0);
}
