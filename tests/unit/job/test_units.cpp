#include "job/read.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::chrono_literals;
using test::contains;
using test::refusal;

TEST_CASE("a duration is numbers with units, or 0") {
    for (const auto& [text, duration] : {std::pair<const char*, std::chrono::milliseconds>{"250ms", 250ms},
                                         {"30s", 30s},
                                         {"10m", 10min},
                                         {"2h", 2h},
                                         {"1d", 24h},
                                         {"0", 0s},
                                         {"0s", 0s},
                                         {"1.5s", 1500ms},
                                         {"1h30m", 90min}}) {
        CAPTURE(text);
        CHECK(job::parse_duration(text, "x") == duration);
    }
}

TEST_CASE("a duration without its unit, with a sign or beyond reason is refused") {
    for (const char* text : {"", "5", "s", "-1s", "+1s", "1y", "1S", "1 s x", "1e3s", "inf", "1..2s", "1s5", "4000d"}) {
        CAPTURE(text);
        CHECK(contains(refusal([text] { job::parse_duration(text, "run.lease"); }), "run.lease must be"));
    }
}

TEST_CASE("a size is bytes, in powers of 1024") {
    CHECK(job::parse_size("1048576", "x") == 1048576);
    CHECK(job::parse_size("8MB", "x") == 8388608);
    CHECK(job::parse_size("512KB", "x") == 524288);
    CHECK(job::parse_size("1.5 GiB", "x") == 1610612736);
    for (const char* text : {"", "MB", "-1", "8XB", "8MB8", "9999999GB", "0x10"}) {
        CAPTURE(text);
        CHECK(contains(refusal([text] { job::parse_size(text, "x"); }), "x must be"));
    }
}

TEST_CASE("a duration is shown briefly, and can be read again") {
    for (const auto& [duration, text] : {std::pair<std::chrono::milliseconds, const char*>{0ms, "0s"},
                                         {1ms, "1ms"},
                                         {1500ms, "1.5s"},
                                         {1050ms, "1.05s"},
                                         {30s, "30s"},
                                         {90s, "1m30s"},
                                         {10min, "10m"},
                                         {25h, "1d1h"},
                                         {61500ms, "1m1.5s"}}) {
        CHECK(job::display(duration) == text);
        CHECK(job::parse_duration(text, "x") == duration);
    }
}

TEST_CASE("the nearest word is one that a slip of the finger makes") {
    const std::vector<std::string> known{"statement", "statements", "where", "columns", "to"};
    CHECK(job::nearest("statment", known) == "statement");
    CHECK(job::nearest("WHERE", known) == "where");
    CHECK(job::nearest("hwere", known) == "where");
    CHECK(job::nearest("col", known) == "columns");
    CHECK_FALSE(job::nearest("partition", known));
    CHECK_FALSE(job::nearest("ab", known));
    CHECK_FALSE(job::nearest("", known));
    CHECK_FALSE(job::nearest("x", {}));
}
