#include "progress/figures.hpp"

#include "samples.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rowmill::progress;
using rowmill::test::running;

TEST_CASE("thousands are grouped") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("slow rates keep a decimal and fast ones are grouped") {
    CHECK(rate_text(0) == "0");
    CHECK(rate_text(0.44) == "0.4");
    CHECK(rate_text(9.97) == "10");
    CHECK(rate_text(31234.4) == "31,234");
    CHECK(rate_text(std::numeric_limits<double>::infinity()) == "0");
}

TEST_CASE("durations are told in their two largest units") {
    CHECK(duration_text(0) == "0.0 s");
    CHECK(duration_text(3.44) == "3.4 s");
    CHECK(duration_text(72.3) == "72 s");
    CHECK(duration_text(725) == "12 min 5 s");
    CHECK(duration_text(7200) == "2 h");
    CHECK(duration_text(5 * 3600 + 12 * 60) == "5 h 12 min");
    CHECK(duration_text(3 * 86400 + 4 * 3600) == "3 d 4 h");
}

TEST_CASE("a run that has not succeeded never shows 100 percent") {
    Snapshot now = running();
    now.percent = 100;
    CHECK(shown_percent(now) == 99.9);
    now.percent = 250;
    CHECK(shown_percent(now) == 99.9);
    now.percent = 99.99;
    CHECK(shown_percent(now) == 99.9);
    now.state = "failed";
    CHECK(shown_percent(now) == 99.9);
}

TEST_CASE("a run that has succeeded shows 100 percent whatever the estimate said") {
    Snapshot now = running();
    now.state = "succeeded";
    CHECK(shown_percent(now) == 100);
    CHECK(percent_text(*shown_percent(now)) == "100%");
}

TEST_CASE("percents are rounded down to tenths") {
    Snapshot now = running();
    now.percent = 29.3;
    CHECK(percent_text(shown_percent(now).value()) == "29.3%");
    now.percent = 29.39;
    CHECK(percent_text(shown_percent(now).value()) == "29.3%");
}

TEST_CASE("the percent comes from the rows where no better measure is given") {
    Snapshot now = running();
    now.percent.reset();
    CHECK(shown_percent(now).value() == doctest::Approx(24.0));
    now.total.reset();
    CHECK_FALSE(shown_percent(now).has_value());
}

TEST_CASE("an ETA that is no sensible number is not shown") {
    Snapshot now = running();
    now.eta_seconds = std::numeric_limits<double>::infinity();
    CHECK_FALSE(shown_eta(now).has_value());
    now.eta_seconds = -1;
    CHECK_FALSE(shown_eta(now).has_value());
    now.eta_seconds = 60;
    CHECK(shown_eta(now) == 60);
    now.state = "paused";
    CHECK_FALSE(shown_eta(now).has_value());
}
