#include "throttle/hysteresis.hpp"

#include <doctest/doctest.h>

using rowmill::throttle::Hysteresis;
using rowmill::throttle::Twice;

TEST_CASE("what is at its limit is not waited for, what is above it is") {
    Hysteresis hysteresis;
    CHECK_FALSE(hysteresis.see(0.9));
    CHECK_FALSE(hysteresis.see(1));
    CHECK(hysteresis.see(1.01));
}

TEST_CASE("one look well below the limit ends the wait") {
    Hysteresis hysteresis;
    hysteresis.see(5);
    CHECK_FALSE(hysteresis.see(0.79));
}

TEST_CASE("just below the limit it takes three looks in a row to end the wait") {
    Hysteresis hysteresis;
    hysteresis.see(1.2);
    CHECK(hysteresis.see(0.9));
    CHECK(hysteresis.see(0.9));
    CHECK_FALSE(hysteresis.see(0.9));
}

TEST_CASE("a figure that goes above its limit meanwhile has to be below it three times anew") {
    Hysteresis hysteresis;
    hysteresis.see(1.2);
    hysteresis.see(0.9);
    hysteresis.see(0.9);
    CHECK(hysteresis.see(1.1));
    CHECK(hysteresis.see(0.9));
    CHECK(hysteresis.see(0.9));
    CHECK_FALSE(hysteresis.see(0.9));
}

TEST_CASE("good looks of before do not count for a wait that begins") {
    Hysteresis hysteresis;
    for (int i = 0; i < 10; ++i) hysteresis.see(0.9);
    hysteresis.see(1.5);
    CHECK(hysteresis.see(0.9));
}

TEST_CASE("only two looks in a row are twice") {
    Twice twice;
    CHECK_FALSE(twice.see(true));
    CHECK_FALSE(twice.see(false));
    CHECK_FALSE(twice.see(true));
    CHECK(twice.see(true));
    CHECK(twice.see(true));
}
