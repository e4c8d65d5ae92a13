#include "samples.hpp"

#include <doctest/doctest.h>

using namespace rowmill::progress;
using rowmill::test::contains;
using rowmill::test::running;

namespace {

Summary finished(const std::string& state, int exit_code, const std::string& why) {
    Summary summary;
    summary.last = running();
    summary.last.state = state;
    summary.elapsed_seconds = 10;
    summary.settled_here = 100200;
    summary.spent = {1, 6, 2, 1};
    summary.why_stopped = why;
    summary.exit_code = exit_code;
    return summary;
}

}  // namespace

TEST_CASE("the summary counts by outcome and tells the pace of this process alone") {
    const std::string text = to_summary(finished("succeeded", 3, "all sacks are done"));
    CHECK(contains(text, "run 7 · fix-invoices: succeeded with dead letters after 10 s"));
    CHECK(contains(text, "120,000 succeeded · 190 skipped · 10 failed"));
    CHECK(contains(text, "10,020 rows/s, 100,200 rows by this process"));
    CHECK(contains(text, "all sacks are done"));
}

TEST_CASE("the line that a run ends with is known for what it is, and for no other run's") {
    const std::string line = to_summary_line(finished("succeeded", 0, ""));
    CHECK(is_summary_line(line, 7));
    CHECK_FALSE(is_summary_line(line, 77));
    CHECK_FALSE(is_summary_line("run 7 is paused", 7));
}

TEST_CASE("the summary tells where the time went as shares") {
    CHECK(contains(to_summary(finished("succeeded", 0, "")), "10 % read · 60 % work · 20 % commit · 10 % waiting"));
}

TEST_CASE("a summary without any measured time leaves the shares out") {
    Summary summary = finished("succeeded", 0, "");
    summary.spent = {};
    CHECK_FALSE(contains(to_summary(summary), "% read"));
}

TEST_CASE("dead letters come with the command that shows them") {
    CHECK(contains(to_summary(finished("succeeded", 3, "")), "`rowmill failures 7`"));
    Summary clean = finished("succeeded", 0, "");
    clean.last.dead_letters = 0;
    CHECK_FALSE(contains(to_summary(clean), "rowmill failures"));
}

TEST_CASE("a stopped run says how to go on, once") {
    CHECK(contains(to_summary(finished("interrupted", 4, "stopped by SIGTERM")), "same command again"));
    const std::string told = to_summary(finished("interrupted", 4, "stopped by SIGTERM; run it again to resume"));
    CHECK_FALSE(contains(told, "same command"));
    CHECK_FALSE(contains(to_summary(finished("succeeded", 0, "all sacks are done")), "next"));
}

TEST_CASE("a failed run shows its last error") {
    Summary summary = finished("failed", 1, "more than 1 % of the rows failed");
    summary.last.last_error = "Unknown column 'nett' (1054)";
    CHECK(contains(to_summary(summary), "Unknown column 'nett' (1054)"));
    CHECK(contains(to_summary(summary), "mend the cause"));
}

TEST_CASE("the reasons waited for are listed with their time") {
    Summary summary = finished("succeeded", 0, "");
    summary.last.waited_seconds = {{"replica lag", 75}, {"flag file", 0}};
    CHECK(contains(to_summary(summary), "replica lag 75 s"));
    CHECK_FALSE(contains(to_summary(summary), "flag file"));
}
