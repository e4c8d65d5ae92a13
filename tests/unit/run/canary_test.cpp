#include "run/canary.hpp"

#include <doctest/doctest.h>

using rowmill::run::spread;

TEST_CASE("places are spread evenly over what there is") {
    CHECK(spread(10, 1) == std::vector<std::size_t>{5});
    CHECK(spread(10, 2) == std::vector<std::size_t>{2, 7});
    CHECK(spread(10, 5) == std::vector<std::size_t>{1, 3, 5, 7, 9});
    CHECK(spread(1000, 4) == std::vector<std::size_t>{125, 375, 625, 875});
}

TEST_CASE("there are no more places than there are things, and each is another one") {
    CHECK(spread(0, 3).empty());
    CHECK(spread(3, 0).empty());
    CHECK(spread(3, 5) == std::vector<std::size_t>{0, 1, 2});
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t count = 1; count <= size; ++count) {
            const auto places = spread(size, count);
            REQUIRE(places.size() == count);
            for (std::size_t i = 1; i < count; ++i) CHECK(places[i - 1] < places[i]);
            CHECK(places.back() < size);
        }
    }
}
