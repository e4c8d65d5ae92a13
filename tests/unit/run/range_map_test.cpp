#include "run/range_map.hpp"

#include "fake_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <optional>

using namespace rowmill;
using namespace rowmill::test;
using run::RangeCell;

namespace {

/// As they are listed.
std::vector<RangeCell> range_map(const std::vector<store::SackRecord>& sacks, std::size_t most, std::optional<double> density) {
    run::RangeMap map{most, density};
    for (const store::SackRecord& sack : sacks) {
        const std::string after = encode_key(sack.after), upto = encode_key(sack.upto);
        const std::string low = sack.state == "done" || sack.low == sack.after ? "" : encode_key(sack.low);
        map.add({.ordinal = sack.ordinal, .after = after, .upto = upto, .low = low, .rows = sack.rows, .settled = sack.tally.settled(),
                 .failed = sack.tally.failed, .state = sack.state});
    }
    return map.cells();
}

store::SackRecord sack(std::uint64_t ordinal, const Key& after, const Key& upto, const std::string& state = "pending") {
    store::SackRecord sack;
    sack.id = ordinal + 1;
    sack.ordinal = ordinal;
    sack.after = sack.low = after;
    sack.upto = upto;
    sack.state = state;
    sack.rows = 10;
    if (state == "done") sack.tally.succeeded = 10;
    return sack;
}

/// (start, start + 10 step], … in reading order.
std::vector<store::SackRecord> row_of(std::size_t count, std::int64_t start = 0, std::int64_t step = 1) {
    std::vector<store::SackRecord> sacks;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t at = start + static_cast<std::int64_t>(i) * 10 * step;
        sacks.push_back(sack(i, key_of(at), key_of(at + 10 * step)));
    }
    return sacks;
}

/// Cuts the sack at this place in two, as the store does: the upper part comes last, with an ordinal of its own.
void split(std::vector<store::SackRecord>& sacks, std::size_t at, std::int64_t middle) {
    store::SackRecord upper = sack(sacks.size(), key_of(middle), sacks[at].upto);
    upper.rows = sacks[at].rows / 2;
    sacks[at].upto = key_of(middle);
    sacks[at].rows -= upper.rows;
    sacks.push_back(upper);
}

std::vector<std::string> ends(const std::vector<RangeCell>& map) {
    std::vector<std::string> ends;
    for (const RangeCell& cell : map) ends.push_back(cell.upto);
    return ends;
}

std::uint64_t sum(const std::vector<RangeCell>& map, std::uint64_t RangeCell::*number) {
    return std::accumulate(map.begin(), map.end(), std::uint64_t{0}, [&](std::uint64_t all, const RangeCell& cell) { return all + cell.*number; });
}

/// Each cell begins where the one before it ends.
bool are_side_by_side(const std::vector<RangeCell>& map) {
    return std::ranges::adjacent_find(map, [](const auto& left, const auto& right) { return left.upto != right.after; }) == map.end();
}

}  // namespace

TEST_CASE("a run without sacks has no range map") {
    CHECK(range_map({}, 400, 1).empty());
    CHECK(range_map(row_of(3), 0, 1).empty());
}

TEST_CASE("a single sack is a single cell that tells how far it is") {
    store::SackRecord only = sack(0, {}, key_of(10), "running");
    only.tally = {.succeeded = 3, .skipped = 1, .failed = 1};
    const auto map = range_map({only}, 400, 1);
    REQUIRE(map.size() == 1);
    CHECK(map[0].state == RangeCell::State::running);
    CHECK(map[0].fraction == doctest::Approx(0.5));
    CHECK(map[0].sacks == 1);
    CHECK(map[0].rows == 10);
    CHECK(map[0].settled == 5);
    CHECK(map[0].dead_letters == 1);
    CHECK(map[0].upto == "10");
}

TEST_CASE("a sack that is done is done wholly, however few of its rows the filter let through") {
    store::SackRecord done = sack(0, {}, key_of(10), "done");
    done.tally = {.succeeded = 1, .skipped = 0, .failed = 0};
    const auto map = range_map({done}, 400, 0.5);
    CHECK(map[0].state == RangeCell::State::done);
    CHECK(map[0].fraction == 1);
}

TEST_CASE("with an unknown share of rows that match, a sack's progress is its way through the keys") {
    store::SackRecord half = sack(0, key_of(100), key_of(200), "running");
    half.low = key_of(125);
    CHECK(range_map({half}, 400, {})[0].fraction == doctest::Approx(0.25));
    half.rows = 0;
    CHECK(range_map({half}, 400, 1)[0].fraction == doctest::Approx(0.25));
}

TEST_CASE("what was split off lies beside what it was split from") {
    auto sacks = row_of(3);
    split(sacks, 0, 4);
    split(sacks, 3, 7);
    split(sacks, 2, 25);
    CHECK(ends(range_map(sacks, 400, 1)) == std::vector<std::string>{"4", "7", "10", "20", "25", "30"});
}

TEST_CASE("a run that goes down its keys is shown in the order in which it goes") {
    auto sacks = row_of(3, 100, -1);
    split(sacks, 1, 85);
    CHECK(ends(range_map(sacks, 400, 1)) == std::vector<std::string>{"90", "85", "80", "70"});
}

TEST_CASE("pieces of the range that do not touch follow each other by ordinal, and none is lost") {
    std::vector<store::SackRecord> sacks{sack(0, key_of(0), key_of(10)), sack(1, key_of(50), key_of(60)), sack(2, key_of(60), key_of(70)),
                                         sack(3, key_of(10), key_of(20)), sack(4, key_of(10), key_of(15)), sack(5, key_of(80), key_of(80))};
    CHECK(ends(range_map(sacks, 400, 1)) == std::vector<std::string>{"10", "20", "60", "70", "80", "15"});
}

TEST_CASE("sacks whose ends form a circle are all shown") {
    const auto map = range_map({sack(0, key_of(1), key_of(2)), sack(1, key_of(2), key_of(1))}, 400, 1);
    CHECK(ends(map) == std::vector<std::string>{"2", "1"});
}

TEST_CASE("a cell of several sacks runs where one of them does, and is done when all are") {
    auto sacks = row_of(6);
    sacks[0] = sack(0, key_of(0), key_of(10), "done");
    sacks[1] = sack(1, key_of(10), key_of(20), "done");
    sacks[2] = sack(2, key_of(20), key_of(30), "done");
    sacks[3] = sack(3, key_of(30), key_of(40), "running");
    const auto map = range_map(sacks, 3, 1);
    REQUIRE(map.size() == 3);
    CHECK(map[0].state == RangeCell::State::done);
    CHECK(map[0].fraction == 1);
    CHECK(map[1].state == RangeCell::State::running);
    CHECK(map[1].fraction == doctest::Approx(0.5));
    CHECK(map[2].state == RangeCell::State::waiting);
    CHECK(map[2].fraction == 0);
    CHECK(map[1].after == "20");
    CHECK(map[1].upto == "40");
}

TEST_CASE("two thousand sacks share four hundred cells, which tell of all of them") {
    auto sacks = row_of(2000);
    for (std::size_t i = 0; i < 1000; ++i) sacks[i] = sack(i, sacks[i].after, sacks[i].upto, "done");
    sacks[7].tally.failed = 3;
    const auto map = range_map(sacks, 400, 1);
    CHECK(map.size() == 400);
    CHECK(sum(map, &RangeCell::sacks) == 2000);
    CHECK(sum(map, &RangeCell::rows) == 20000);
    CHECK(sum(map, &RangeCell::settled) == 10003);
    CHECK(sum(map, &RangeCell::dead_letters) == 3);
    CHECK(map[1].dead_letters == 3);
    CHECK(are_side_by_side(map));
    CHECK(std::ranges::count(map, RangeCell::State::done, &RangeCell::state) == 200);
}

TEST_CASE("a hundred thousand sacks, some of them split, are a map of even cells from end to end") {
    constexpr std::size_t planned = 100'000, most = 300;
    auto sacks = row_of(planned);
    for (std::size_t i = 0; i < planned / 2; ++i) sacks[i] = sack(i, sacks[i].after, sacks[i].upto, "done");
    sacks[70'000] = sack(70'000, sacks[70'000].after, sacks[70'000].upto, "running");
    sacks[70'000].tally.succeeded = 5;
    for (std::size_t at = 60'000; at < 60'050; ++at) split(sacks, at, static_cast<std::int64_t>(at) * 10 + 3);
    const auto map = range_map(sacks, most, 1);
    REQUIRE(map.size() == most);
    CHECK(are_side_by_side(map));
    CHECK(map.front().after == "0");
    CHECK(map.back().upto == std::to_string(planned * 10));
    CHECK(sum(map, &RangeCell::sacks) == planned + 50);
    CHECK(sum(map, &RangeCell::rows) == planned * 10);
    CHECK(sum(map, &RangeCell::settled) == planned / 2 * 10 + 5);
    const auto [least, largest] = std::ranges::minmax(map, {}, &RangeCell::sacks);
    CHECK(largest.sacks < 2 * least.sacks);
    CHECK(std::ranges::count(map, RangeCell::State::running, &RangeCell::state) == 1);
    const auto running = std::ranges::find(map, RangeCell::State::running, &RangeCell::state);
    CHECK(running->fraction == doctest::Approx(5.0 / static_cast<double>(running->rows)));
}

TEST_CASE("however sacks are split and in whatever order they are listed, the map is the range from end to end") {
    for_each_seed(200, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const std::int64_t direction = dice.chance(0.5) ? 1 : -1;
        const std::size_t planned = dice.between(1, 60);
        auto sacks = row_of(planned, 0, direction);
        for (std::uint64_t left = dice.between(0, 100); left > 0; --left) {
            const std::size_t at = dice.between(0, sacks.size() - 1);
            const std::int64_t from = FakeRows::id_of(sacks[at].after, 0), to = FakeRows::id_of(sacks[at].upto, 0);
            const std::int64_t width = (to - from) * direction;
            if (width >= 2)
                split(sacks, at, from + direction * static_cast<std::int64_t>(dice.between(1, static_cast<std::uint64_t>(width - 1))));
        }
        for (std::size_t i = sacks.size(); i > 1; --i) std::swap(sacks[i - 1], sacks[dice.between(0, i - 1)]);
        const std::size_t most = dice.between(1, 200);
        const auto map = range_map(sacks, most, 1);
        CHECK(map.size() == std::min(most, sacks.size()));
        CHECK(are_side_by_side(map));
        CHECK(map.front().after == "0");
        CHECK(map.back().upto == std::to_string(direction * 10 * static_cast<std::int64_t>(planned)));
        CHECK(sum(map, &RangeCell::sacks) == sacks.size());
        CHECK(sum(map, &RangeCell::rows) == planned * 10);
    });
}
