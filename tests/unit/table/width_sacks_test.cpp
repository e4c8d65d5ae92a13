#include "quoting.hpp"
#include "table/comparison.hpp"
#include "table/sacks.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::table;

namespace {

const KeySpec signed_key = test::key_of({test::column("id", ValueType::integer)});
const KeySpec unsigned_key = test::key_of({test::column("id", ValueType::unsigned_integer)});

Bounds between(Value first, Value last) {
    return {{}, {std::move(last)}, {std::move(first)}, false};
}

std::string ends_of(const std::vector<PlannedSack>& sacks) {
    std::string text;
    for (const PlannedSack& sack : sacks) text += display(sack.upto) + " ";
    return text;
}

void check_they_touch(const std::vector<PlannedSack>& sacks) {
    for (std::size_t i = 1; i < sacks.size(); ++i) CHECK(sacks[i].after == sacks[i - 1].upto);
}

}  // namespace

TEST_CASE("stretches of equal width touch each other and end at the bound") {
    const auto sacks = width_sacks(signed_key, between(Value::integer(0), Value::integer(100)), 4, false);
    CHECK(ends_of(sacks) == "25 50 75 100 ");
    CHECK(sacks.front().after.empty());
    check_they_touch(sacks);
}

TEST_CASE("descending stretches run from the largest key down") {
    Bounds bounds = between(Value::integer(100), Value::integer(0));
    bounds.after = including({Value::integer(100)});
    const auto sacks = width_sacks(signed_key, bounds, 4, true);
    CHECK(ends_of(sacks) == "75 50 25 0 ");
    CHECK(sacks.front().after == bounds.after);
    check_they_touch(sacks);
}

TEST_CASE("the whole of the 64 bits is cut without overflow") {
    const auto signed_sacks =
        width_sacks(signed_key, between(Value::integer(INT64_MIN), Value::integer(INT64_MAX)), 4, false);
    CHECK(ends_of(signed_sacks) == "-4611686018427387905 -1 4611686018427387903 9223372036854775807 ");
    const auto unsigned_sacks =
        width_sacks(unsigned_key, between(Value::unsigned_integer(0), Value::unsigned_integer(UINT64_MAX)), 3, false);
    CHECK(ends_of(unsigned_sacks) == "6148914691236517205 12297829382473034410 18446744073709551615 ");
}

TEST_CASE("there are no more stretches than keys, and always one") {
    CHECK(ends_of(width_sacks(signed_key, between(Value::integer(1), Value::integer(3)), 10, false)) == "1 2 3 ");
    CHECK(ends_of(width_sacks(signed_key, between(Value::integer(7), Value::integer(7)), 10, false)) == "7 ");
    CHECK(ends_of(width_sacks(signed_key, between(Value::integer(1), Value::integer(9)), 0, false)) == "9 ");
}

TEST_CASE("an empty table has no stretches") {
    Bounds bounds;
    bounds.empty = true;
    CHECK(width_sacks(signed_key, bounds, 4, false).empty());
}

TEST_CASE("equal width is refused for any key but one integer") {
    const KeySpec text = test::key_of({test::column("t", ValueType::text, "varchar")});
    try {
        width_sacks(text, {}, 4, false);
        FAIL("did not throw");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::refused);
        CHECK(std::string{error.what()}.find("sacks = \"rows\"") != std::string::npos);
    }
}

TEST_CASE("a large table is cut into sacks of the rows asked for, a small one so that every worker has some") {
    CHECK(rows_per_sack(50000, 100'000'000, 4) == 50000);
    CHECK(rows_per_sack(50000, 2'000'000, 4) == 31250);
    CHECK(rows_per_sack(50000, 100'000, 4) == 5000);
    CHECK(rows_per_sack(50000, 0, 4) == 5000);
    CHECK(rows_per_sack(1000, 2'000'000, 4) == 1000);
}
