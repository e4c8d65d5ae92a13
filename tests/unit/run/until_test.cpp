#include "run/run_time.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <future>

using namespace rowmill;
using namespace std::chrono_literals;
using run::next_time;

namespace {

/// A time of 2026 by UTC.
std::chrono::sys_seconds utc(unsigned month, unsigned day, std::chrono::minutes since_midnight) {
    const std::chrono::year_month_day date{std::chrono::year{2026}, std::chrono::month{month}, std::chrono::day{day}};
    return std::chrono::sys_days{date} + since_midnight;
}

/// Whether the run is asked to stop, within half a minute.
bool is_stopped(const engine::Stopping& stopping) {
    std::promise<void> told;
    const std::stop_callback on_drain{stopping.draining(), [&] { told.set_value(); }};
    return told.get_future().wait_for(30s) == std::future_status::ready;
}

}  // namespace

TEST_CASE("a time of day is the next one, today or tomorrow") {
    CHECK(next_time("05:00 Etc/UTC", utc(11, 22, 2h)).time == utc(11, 22, 5h));
    CHECK(next_time("05:00 Etc/UTC", utc(11, 22, 6h)).time == utc(11, 23, 5h));
    CHECK(next_time("05:00 Etc/UTC", utc(11, 22, 5h)).time == utc(11, 23, 5h));
    CHECK(next_time("23:59 Etc/UTC", utc(12, 31, 23h)).time == utc(12, 31, 23h + 59min));
    CHECK(next_time("00:00 Etc/UTC", utc(11, 22, 1min)).time == utc(11, 23, 0h));
}

TEST_CASE("a time of day may be by the clocks of a zone, and is shown by them") {
    const auto winter = next_time("05:00 Europe/Berlin", utc(11, 22, 2h));
    CHECK(winter.time == utc(11, 22, 4h));
    CHECK(winter.text == "2026-11-22 05:00 CET");
    CHECK(next_time("05:00 Europe/Berlin", utc(7, 1, 2h)).time == utc(7, 1, 3h));
}

TEST_CASE("a time that the clocks leave out is when they are put forward") {
    CHECK(next_time("02:30 Europe/Berlin", utc(3, 29, 0h)).time == utc(3, 29, 1h));
}

TEST_CASE("a time that comes twice is the first of them") {
    CHECK(next_time("02:30 Europe/Berlin", utc(10, 25, 0h)).time == utc(10, 25, 30min));
}

TEST_CASE("what is no time of day, and a zone that is not known, are refused") {
    for (const char* text : {"", "5:00", "24:00", "05:60", "05:00:00", "5 am", "noon", "05:00 Middle/Earth"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(next_time(text, utc(11, 22, 0h)), Error);
    }
}

TEST_CASE("a run is stopped when its time of day has come, and says which") {
    engine::Stopping stopping;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const run::RunTime run_time{{}, run::Until{now, "2026-11-23 05:00 CET"}, stopping};
    CHECK(is_stopped(stopping));
    CHECK(stopping.why() == "it is 2026-11-23 05:00 CET");
}

TEST_CASE("of a time and a time of day, the first to come stops the run") {
    engine::Stopping stopping;
    const auto later = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + 1h;
    const run::RunTime run_time{1ms, run::Until{later, "later"}, stopping};
    CHECK(is_stopped(stopping));
    CHECK(stopping.why() == "the run's time is over");
}
