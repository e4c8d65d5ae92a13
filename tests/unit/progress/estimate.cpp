#include "progress/estimate.hpp"

#include <doctest/doctest.h>

using rowmill::progress::RateEstimate;

namespace {

/// Seconds since the start of a time of the test's own.
RateEstimate::Time at(double seconds) {
    return RateEstimate::Time{} +
           std::chrono::duration_cast<RateEstimate::Time::duration>(RateEstimate::Seconds{seconds});
}

}  // namespace

TEST_CASE("a steady pace is the rate, and the remaining rows over it the ETA") {
    RateEstimate estimate;
    for (int second = 0; second <= 30; ++second) estimate.add(at(second), 1000u * second, 0);
    CHECK(estimate.rate() == doctest::Approx(1000));
    CHECK(estimate.eta_seconds(5000).value() == doctest::Approx(5));
}

TEST_CASE("what a resumed run had settled before does not count as pace") {
    RateEstimate estimate;
    estimate.add(at(0), 5000000, 0);
    estimate.add(at(1), 5000100, 0);
    CHECK(estimate.rate() == doctest::Approx(100));
}

TEST_CASE("the rate is that of the window, not of the whole run") {
    RateEstimate estimate{RateEstimate::Seconds{10}};
    for (int second = 0; second <= 100; ++second) estimate.add(at(second), 1000u * second, 0);
    for (int second = 101; second <= 111; ++second) estimate.add(at(second), 100000u + 10u * (second - 100), 0);
    CHECK(estimate.rate() == doctest::Approx(10));
}

TEST_CASE("time spent throttled lowers the rate that is seen but not the ETA") {
    RateEstimate estimate;
    estimate.add(at(0), 0, 0);
    estimate.add(at(10), 5000, 5);
    CHECK(estimate.rate() == doctest::Approx(500));
    CHECK(estimate.working_rate().value() == doctest::Approx(1000));
    CHECK(estimate.eta_seconds(1000).value() == doctest::Approx(1));
}

TEST_CASE("a wait longer than the window keeps the pace known before it") {
    RateEstimate estimate;
    for (int second = 0; second <= 20; ++second) estimate.add(at(second), 1000u * second, 0);
    for (int second = 21; second <= 200; ++second) estimate.add(at(second), 20000, second - 20);
    CHECK(estimate.rate() == 0);
    CHECK(estimate.eta_seconds(2000).value() == doctest::Approx(2));
}

TEST_CASE("a run that stands still without waiting has no ETA") {
    RateEstimate estimate;
    for (int second = 0; second <= 5; ++second) estimate.add(at(second), 1000u * second, 0);
    for (int second = 6; second <= 40; ++second) estimate.add(at(second), 5000, 0);
    CHECK_FALSE(estimate.eta_seconds(100).has_value());
}

TEST_CASE("nothing is claimed before two samples are there") {
    RateEstimate estimate;
    CHECK(estimate.rate() == 0);
    estimate.add(at(0), 10, 0);
    CHECK(estimate.rate() == 0);
    CHECK_FALSE(estimate.working_rate().has_value());
    CHECK_FALSE(estimate.eta_seconds(10).has_value());
}

TEST_CASE("with nothing remaining the ETA is zero even before the pace is known") {
    CHECK(RateEstimate{}.eta_seconds(0).value() == 0);
}

TEST_CASE("counts that go back start the window anew and never make a negative rate") {
    RateEstimate estimate;
    estimate.add(at(0), 1000, 0);
    estimate.add(at(1), 2000, 0);
    estimate.add(at(2), 1500, 0);
    CHECK(estimate.rate() == 0);
    CHECK(estimate.working_rate().value() == doctest::Approx(1000));
    estimate.add(at(4), 1700, 0);
    CHECK(estimate.rate() == doctest::Approx(100));
}

TEST_CASE("samples faster than a tenth of a second give the same rate") {
    RateEstimate estimate;
    for (int millisecond = 0; millisecond <= 30000; ++millisecond)
        estimate.add(at(millisecond / 1000.0), millisecond, 0);
    CHECK(estimate.rate() == doctest::Approx(1000));
}
