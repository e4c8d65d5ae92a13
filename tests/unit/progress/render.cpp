#include "progress/cells.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>

using namespace rowmill::progress;
using rowmill::test::contains;
using rowmill::test::running;

TEST_CASE("a line tells counts, share, pace, troubles and the time left") {
    CHECK(to_line(running()) ==
          "fix-invoices: settled 120,200 of 500,000 (24.0%) · 31,234 rows/s · 64 in flight · 3 waiting to retry · "
          "10 dead letters · ETA 12 s");
}

TEST_CASE("an estimated total is told as about") {
    Snapshot now = running();
    now.total_is_exact = false;
    CHECK(contains(to_line(now), "of about 500,000"));
    CHECK(contains(to_bar(now, 120, false), "of about 500,000"));
    CHECK(contains(to_bar(now, 60, false), "/~500,000"));
}

TEST_CASE("while the total is not known the run is counting") {
    Snapshot now = running();
    now.total.reset();
    now.percent.reset();
    CHECK(contains(to_line(now), "settled 120,200, counting"));
    CHECK(contains(to_bar(now, 100, false), "counting"));
    CHECK_FALSE(contains(to_bar(now, 100, false), "%"));
}

TEST_CASE("a share known by key distance is shown without a total") {
    Snapshot now = running();
    now.total.reset();
    CHECK(contains(to_line(now), "settled 120,200 (24.0%)"));
    CHECK_FALSE(contains(to_bar(now, 100, false), "counting"));
}

TEST_CASE("a run that waits says why") {
    Snapshot now = running();
    now.waiting_for = "replica db2 lags 4.2 s";
    CHECK(contains(to_line(now), "waiting: replica db2 lags 4.2 s"));
    CHECK(contains(to_bar(now, 120, false), "waiting: replica db2 lags 4.2 s"));
    now.waiting_for.clear();
    now.state = "paused";
    CHECK(contains(to_line(now), "· paused"));
}

TEST_CASE("the bar never takes more cells than there are, at any width") {
    Snapshot now = running();
    now.job = "発送ラベル🚚の再作成";
    now.waiting_for = "レプリカ replica-eu-west-1b lags 93 s behind";
    now.total_is_exact = false;
    now.settled = now.succeeded = 1234567890;
    now.total = 9876543210;
    for (unsigned columns = 1; columns <= 240; ++columns) {
        CAPTURE(columns);
        CHECK(cells_of(to_bar(now, columns, false)) <= columns);
    }
}

TEST_CASE("a narrow terminal keeps the percent first, then the counts, and drops the rest") {
    CHECK(to_bar(running(), 8, false) == "24.0%");
    CHECK(to_bar(running(), 24, false) == "24.0%  120,200/500,000");
    CHECK(to_bar(running(), 33, false) == "24.0%  120,200/500,000  31,234/s");
}

TEST_CASE("a wide terminal shows everything, and a bar that fills with the percent") {
    const std::string text = to_bar(running(), 200, false);
    for (const char* part : {"fix-invoices", "24.0%", "120,200 of 500,000", "31,234 rows/s", "64 in flight",
                             "3 waiting to retry", "10 dead letters", "ETA 12 s"}) {
        CAPTURE(std::string{part});
        CHECK(contains(text, part));
    }
    CHECK(contains(text, "▕█████████ "));
}

TEST_CASE("the bar moves by eighths of a cell") {
    Snapshot now = running();
    now.percent = 25.0;
    CHECK(contains(to_bar(now, 200, false), "▕█████████▌"));
}

TEST_CASE("the bar is full only when the run has succeeded") {
    Snapshot now = running();
    now.percent = 100;
    CHECK(contains(to_bar(now, 200, false), "▉▏"));
    now.state = "succeeded";
    CHECK(contains(to_bar(now, 200, false), "█▏"));
}

TEST_CASE("without colour there is no escape sequence, with colour the text is the same") {
    const std::string plain = to_bar(running(), 120, false);
    std::string coloured = to_bar(running(), 120, true);
    CHECK_FALSE(contains(plain, "\x1b"));
    CHECK(contains(coloured, "\x1b[3"));
    for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
        coloured.erase(at, coloured.find('m', at) + 1 - at);
    }
    CHECK(coloured == plain);
}

TEST_CASE("control characters of a job's name or an error never reach the terminal") {
    Snapshot now = running();
    now.job = "evil\x1b]0;title\a";
    now.waiting_for = "flag\r\n\x1b[2J";
    now.last_error = "oops\x1b[31m";
    Summary summary{now, 1, 1, {}, "stopped\x1b[0m", 1};
    for (const std::string& text : {to_line(now), to_bar(now, 200, false), to_summary(summary)}) {
        CAPTURE(text);
        CHECK_FALSE(contains(text, "\x1b"));
        CHECK_FALSE(contains(text, "\r"));
        CHECK_FALSE(contains(text, "\a"));
    }
}

TEST_CASE("a terminal of the usual eighty columns has room for the bar") {
    CHECK(contains(to_bar(running(), 79, false), "▕█"));
}
