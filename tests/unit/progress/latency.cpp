#include "progress/latency.hpp"

#include <doctest/doctest.h>

using rowmill::progress::LatencyEstimate;

namespace {

LatencyEstimate::Time at(double seconds) {
    return LatencyEstimate::Time{} +
           std::chrono::duration_cast<LatencyEstimate::Time::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

TEST_CASE("nothing is known of the latency before something has ended") {
    LatencyEstimate latency;
    CHECK_FALSE(latency.seconds());
    latency.add(at(0), 0, 0);
    CHECK_FALSE(latency.seconds());
    latency.add(at(1), 0, 0);
    CHECK_FALSE(latency.seconds());
}

TEST_CASE("the latency is the mean of what ended of late, not of all that ever did") {
    LatencyEstimate latency;
    for (unsigned i = 0; i <= 40; ++i) latency.add(at(0.25 * i), 10 * i, 10'000 * i);
    CHECK(latency.seconds().value() == doctest::Approx(0.001));
    for (unsigned i = 1; i <= 8; ++i) latency.add(at(10 + 0.25 * i), 400 + i, 40'000 + 200'000 * i);
    CHECK(latency.seconds().value() == doctest::Approx(0.2));
}

TEST_CASE("calls that are longer than the window are known by the last that ended") {
    LatencyEstimate latency;
    for (unsigned i = 0; i <= 400; ++i) {
        latency.add(at(0.25 * i), i / 20, i / 20 * 5'000'000);
        if (i >= 20) CHECK(latency.seconds().value() == doctest::Approx(5));
    }
}

TEST_CASE("half a minute after the last has ended the latency is not known any more") {
    LatencyEstimate latency;
    latency.add(at(0), 0, 0);
    latency.add(at(1), 10, 20'000);
    for (unsigned i = 1; i <= 29; ++i) latency.add(at(1 + i), 10, 20'000);
    CHECK(latency.seconds().value() == doctest::Approx(0.002));
    for (unsigned i = 30; i <= 33; ++i) latency.add(at(1 + i), 10, 20'000);
    CHECK_FALSE(latency.seconds());
    latency.add(at(40), 11, 23'000);
    CHECK(latency.seconds().value() == doctest::Approx(0.003));
}
