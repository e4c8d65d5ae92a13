#include "throttle/opening_hours.hpp"
#include "throttle/window.hpp"

#include "../job/refusal.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

using namespace std::chrono;
using namespace std::chrono_literals;
using namespace rowmill;
using test::contains;
using test::refusal;
using throttle::OpeningHours;

namespace {

sys_seconds utc(int year_number, unsigned month_number, unsigned day_number, minutes time) {
    return sys_days{year{year_number} / month_number / day_number} + time;
}

/// Sets TZ while it lives.
class OwnZone {
public:
    explicit OwnZone(const char* zone) {
        if (const char* present = ::getenv("TZ")) before_ = present;
        ::setenv("TZ", zone, 1);
    }
    ~OwnZone() { before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1); }

private:
    std::string before_;
};

}  // namespace

TEST_CASE("a window is open from its first minute on, and closed at its last") {
    const auto hours = OpeningHours::parse("01:00-05:00 UTC");
    CHECK_FALSE(hours.is_open(utc(2026, 3, 4, 59min)));
    CHECK(hours.is_open(utc(2026, 3, 4, 60min)));
    CHECK(hours.is_open(utc(2026, 3, 4, 4h + 59min)));
    CHECK_FALSE(hours.is_open(utc(2026, 3, 4, 5h)));
}

TEST_CASE("a window that ends before it begins goes over midnight") {
    const auto hours = OpeningHours::parse("22:00-06:00 UTC");
    CHECK(hours.is_open(utc(2026, 3, 4, 23h)));
    CHECK(hours.is_open(utc(2026, 3, 5, 0h)));
    CHECK(hours.is_open(utc(2026, 3, 5, 5h + 59min)));
    CHECK_FALSE(hours.is_open(utc(2026, 3, 5, 6h)));
    CHECK_FALSE(hours.is_open(utc(2026, 3, 5, 21h + 59min)));
}

TEST_CASE("24:00 is the end of a day") {
    const auto hours = OpeningHours::parse("20:00-24:00 UTC");
    CHECK(hours.is_open(utc(2026, 3, 4, 23h + 59min)));
    CHECK_FALSE(hours.is_open(utc(2026, 3, 5, 0h)));
    CHECK(OpeningHours::parse("00:00-24:00 UTC").is_open(utc(2026, 3, 5, 0h)));
}

TEST_CASE("a window goes by the clocks of its zone, in summer and in winter") {
    const auto hours = OpeningHours::parse("01:00-05:00 Europe/Berlin");
    CHECK(hours.is_open(utc(2026, 1, 10, 0h)));
    CHECK(hours.is_open(utc(2026, 7, 10, 0h)));
    CHECK(hours.is_open(utc(2026, 7, 9, 23h)));
    CHECK_FALSE(hours.is_open(utc(2026, 1, 9, 23h)));
}

TEST_CASE("a window without a zone goes by TZ") {
    const OwnZone zone{"Asia/Tokyo"};
    const auto hours = OpeningHours::parse("09:00-10:00");
    CHECK(hours.is_open(utc(2026, 1, 10, 0h)));
    CHECK(contains(hours.display(), "Asia/Tokyo"));
}

TEST_CASE("TZ may name the zone's file, or the system's own") {
    for (const char* file : {":Asia/Tokyo", "/usr/share/zoneinfo/Asia/Tokyo", ":/usr/share/zoneinfo/Asia/Tokyo"}) {
        const OwnZone zone{file};
        CHECK(contains(OpeningHours::parse("09:00-10:00").display(), "Asia/Tokyo"));
    }
    std::string own;
    {
        const OwnZone zone{""};
        own = OpeningHours::parse("09:00-10:00").display();
    }
    const OwnZone zone{":/etc/localtime"};
    CHECK(OpeningHours::parse("09:00-10:00").display() == own);
}

TEST_CASE("the next opening is today or tomorrow") {
    const auto hours = OpeningHours::parse("01:00-05:00 UTC");
    CHECK(hours.next_opening(utc(2026, 3, 4, 30min)) == utc(2026, 3, 4, 1h));
    CHECK(hours.next_opening(utc(2026, 3, 4, 6h)) == utc(2026, 3, 5, 1h));
    CHECK(hours.next_opening(utc(2026, 3, 4, 1h)) == utc(2026, 3, 5, 1h));
}

TEST_CASE("where the clocks are put forward over the opening, it opens at once afterwards") {
    // On 2026-03-29 in Berlin 02:00 was 03:00, at 01:00 UTC.
    const auto hours = OpeningHours::parse("02:30-05:00 Europe/Berlin");
    CHECK_FALSE(hours.is_open(utc(2026, 3, 29, 59min)));
    CHECK(hours.is_open(utc(2026, 3, 29, 1h)));
    CHECK(hours.next_opening(utc(2026, 3, 29, 0h)) == utc(2026, 3, 29, 1h));
}

TEST_CASE("where the clocks are put forward over all of a window, it opens the next day") {
    const auto hours = OpeningHours::parse("02:15-02:45 Europe/Berlin");
    CHECK(hours.next_opening(utc(2026, 3, 29, 0h)) == utc(2026, 3, 30, 15min));
}

TEST_CASE("an hour that comes twice opens twice") {
    // On 2026-10-25 in Berlin 03:00 was 02:00 again, at 01:00 UTC.
    const auto hours = OpeningHours::parse("02:15-02:45 Europe/Berlin");
    CHECK(hours.is_open(utc(2026, 10, 25, 20min)));
    CHECK(hours.is_open(utc(2026, 10, 25, 1h + 20min)));
    CHECK(hours.next_opening(utc(2026, 10, 25, 0h)) == utc(2026, 10, 25, 15min));
    CHECK(hours.next_opening(utc(2026, 10, 25, 45min)) == utc(2026, 10, 25, 1h + 15min));
}

TEST_CASE("what is no window is refused with what one looks like") {
    for (const char* text : {"", "1:00-05:00", "01:00", "01:00-", "-05:00", "01:00-25:00", "01:60-05:00", "24:00-05:00", "01:00-24:01",
                             "01:00 - 05:00", "0100-0500", "xx:00-05:00", "01:00-05:00-06:00"}) {
        CAPTURE(text);
        CHECK(contains(refusal([&] { OpeningHours::parse(text); }), "it looks like \"01:00-05:00\""));
    }
}

TEST_CASE("a window of no length is refused") {
    CHECK(contains(refusal([] { OpeningHours::parse("05:00-05:00"); }), "is never open"));
}

TEST_CASE("a zone that is not known is refused") {
    CHECK(contains(refusal([] { OpeningHours::parse("01:00-05:00 Europe/Berlln"); }), "names the time zone Europe/Berlln"));
}

TEST_CASE("the throttle of a closed window says when it opens") {
    sys_seconds now = utc(2026, 1, 10, 12h);
    const auto window = throttle::window("01:00-05:00 Europe/Berlin", [&] { return now; });
    const auto closed = window->look();
    CHECK(closed.strain > 1);
    CHECK(closed.reason == "outside of the window 01:00-05:00 Europe/Berlin, which opens at 2026-01-11 01:00 CET");
    now = utc(2026, 1, 11, 0h);
    CHECK(window->look().strain == 0);
}
