#include "engine/turns.hpp"

#include <doctest/doctest.h>

using namespace rowmill::engine;

TEST_CASE("the size has the first turn, for as many batches as it was given") {
    Turns turns{3};
    CHECK(turns.whose() == Turns::Whose::size);
    CHECK_FALSE(turns.worked());
    CHECK_FALSE(turns.worked());
    CHECK(turns.worked());
    CHECK(turns.whose() == Turns::Whose::concurrency);
}

TEST_CASE("concurrency keeps its turn until it has judged by ten batches of one size") {
    Turns turns{1};
    turns.worked();
    for (int i = 0; i < 9; ++i) CHECK_FALSE(turns.worked());
    CHECK_FALSE(turns.judged());
    CHECK_FALSE(turns.worked());
    CHECK(turns.whose() == Turns::Whose::concurrency);
    CHECK(turns.judged());
    CHECK(turns.whose() == Turns::Whose::size);
}

TEST_CASE("the turns go round") {
    Turns turns{2};
    for (int round = 0; round < 5; ++round) {
        turns.worked();
        CHECK(turns.worked());
        for (int i = 0; i < 10; ++i) turns.worked();
        CHECK(turns.judged());
    }
}

TEST_CASE("a batch that took far too long gives the turn to the size, in the midst of the other's") {
    Turns turns{2};
    turns.worked();
    CHECK_FALSE(turns.took_far_too_long());
    turns.worked();
    CHECK(turns.took_far_too_long());
    CHECK(turns.whose() == Turns::Whose::size);
    CHECK_FALSE(turns.worked());
    CHECK(turns.worked());
}

TEST_CASE("judging in the other's turn moves nothing") {
    Turns turns{2};
    for (int i = 0; i < 20; ++i) CHECK_FALSE(turns.judged());
    CHECK(turns.whose() == Turns::Whose::size);
}
