#include "../../support/fake_table.hpp"

#include "engine/watermark.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;

namespace {

Batch batch_of(std::uint64_t first_seq, const std::vector<std::int64_t>& keys, std::int64_t upto) {
    return {.first_seq = first_seq, .count = keys.size(), .after = {}, .upto = position(upto), .items = items_of(keys)};
}

/// What the watermark must say, worked out afresh from everything that ever happened.
struct NaiveModel {
    std::vector<std::int64_t> keys;
    std::vector<bool> settled;
    std::vector<std::pair<std::size_t, std::int64_t>> ends;  ///< of batches: past the last item, and upto

    std::size_t low() const {
        std::size_t low = 0;
        while (low < keys.size() && settled[low]) ++low;
        return low;
    }
    Position low_position() const {
        std::int64_t at = low() == 0 ? 0 : keys[low() - 1];
        for (const auto& [past, upto] : ends)
            if (past <= low()) at = std::max(at, upto);
        return position(at);
    }
    std::vector<Position> above() const {
        std::vector<Position> above;
        for (std::size_t seq = low(); seq < keys.size(); ++seq)
            if (settled[seq]) above.push_back(position(keys[seq]));
        return above;
    }
};

bool is_refused(Watermark& watermark, std::uint64_t first, std::uint64_t count) {
    try {
        watermark.settled(first, count);
        return false;
    } catch (const Error& error) {
        return error.kind() == ErrorKind::internal;
    }
}

}  // namespace

TEST_CASE("the watermark agrees with a naive model, whatever settles when") {
    for_each_seed(300, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        Watermark watermark{position(0)};
        NaiveModel model;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> unsettled;  // first, count
        std::int64_t key = 0;
        for (int step = 0; step < 60; ++step) {
            if (dice.chance(0.4) || unsettled.empty()) {
                std::vector<std::int64_t> keys;
                for (std::uint64_t count = dice.between(0, 4); count > 0; --count) keys.push_back(++key);
                key += static_cast<std::int64_t>(dice.between(0, 2));  // nothing matched up to here
                const Batch batch = batch_of(watermark.next_seq(), keys, key);
                watermark.dispatched(batch);
                if (keys.size() > 1 && dice.chance(0.5)) {
                    for (std::uint64_t i = 0; i < keys.size(); ++i) unsettled.emplace_back(batch.first_seq + i, 1);
                } else if (!keys.empty()) {
                    unsettled.emplace_back(batch.first_seq, keys.size());
                }
                for (const std::int64_t each : keys) model.keys.push_back(each), model.settled.push_back(false);
                model.ends.emplace_back(model.keys.size(), key);
            } else {
                std::swap(unsettled[dice.between(0, unsettled.size() - 1)], unsettled.back());
                const auto [first, count] = unsettled.back();
                unsettled.pop_back();
                watermark.settled(first, count);
                for (std::uint64_t i = 0; i < count; ++i) model.settled[first + i] = true;
                CHECK(is_refused(watermark, first, count));
            }
            REQUIRE(watermark.low() == model.low());
            REQUIRE(watermark.low_position() == model.low_position());
            REQUIRE(watermark.above() == model.above());
            REQUIRE(watermark.gap() == model.keys.size() - model.low());
            REQUIRE(watermark.all_settled() == unsettled.empty());
        }
    });
}

TEST_CASE("an origin whose first item is not settled stands where it stood before") {
    Watermark watermark{position(41)};
    watermark.dispatched(batch_of(0, {50, 60}, 70));
    watermark.settled(1, 1);
    CHECK(watermark.low_position() == position(41));
    CHECK(watermark.above() == std::vector<Position>{position(60)});
}

TEST_CASE("a stretch in which nothing matched moves the mark once all before it is settled") {
    Watermark watermark{position(0)};
    watermark.dispatched(batch_of(0, {1}, 1));
    watermark.dispatched(batch_of(1, {}, 900));
    CHECK(watermark.low_position() == position(0));
    watermark.settled(0, 1);
    CHECK(watermark.low_position() == position(900));
}

TEST_CASE("what was never handed out cannot be settled") {
    Watermark watermark{position(0)};
    watermark.dispatched(batch_of(0, {1, 2}, 2));
    CHECK(is_refused(watermark, 1, 2));
    CHECK(watermark.gap() == 2);
}

TEST_CASE("a batch handed out of order is refused") {
    Watermark watermark{position(0)};
    watermark.dispatched(batch_of(0, {1, 2}, 2));
    CHECK_THROWS_AS(watermark.dispatched(batch_of(3, {4}, 4)), Error);
}
