#include "progress/metrics.hpp"

#include "samples.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <sstream>
#include <vector>

using namespace rowmill::progress;
using rowmill::test::contains;
using rowmill::test::running;

namespace {

std::string metrics_of(const Snapshot& run) { return to_metrics(std::vector{run}); }

/// With a line end before and behind, so that a whole line can be looked for.
std::string lines_of(const Snapshot& run) { return "\n" + metrics_of(run); }

}  // namespace

TEST_CASE("items are counted by outcome, with the run and its job") {
    const std::string text = lines_of(running());
    CHECK(contains(text, "\n# TYPE rowmill_run_items_total counter\n"));
    CHECK(contains(text, "\nrowmill_run_items_total{run=\"7\",job=\"fix-invoices\",outcome=\"succeeded\"} 120000\n"));
    CHECK(contains(text, "\nrowmill_run_items_total{run=\"7\",job=\"fix-invoices\",outcome=\"skipped\"} 190\n"));
    CHECK(contains(text, "\nrowmill_run_items_total{run=\"7\",job=\"fix-invoices\",outcome=\"failed\"} 10\n"));
}

TEST_CASE("a share is told from 0 to 1, and a time in seconds") {
    Snapshot run = running();
    run.percent = 50;
    run.started_at = "2026-01-02T03:04:05Z";
    const std::string text = lines_of(run);
    CHECK(contains(text, "\nrowmill_run_progress_ratio{run=\"7\",job=\"fix-invoices\"} 0.5\n"));
    CHECK(contains(text, "\nrowmill_run_start_time_seconds{run=\"7\",job=\"fix-invoices\"} 1767323045\n"));
}

TEST_CASE("what is not known is left out, with its heading") {
    Snapshot run = running();
    run.total.reset();
    run.percent.reset();
    run.eta_seconds = std::numeric_limits<double>::infinity();
    const std::string text = metrics_of(run);
    for (const char* name : {"rowmill_run_items ", "progress_ratio", "eta_seconds", "replica_lag_seconds", "end_time_seconds"}) {
        CAPTURE(name);
        CHECK_FALSE(contains(text, name));
    }
}

TEST_CASE("of all states one is 1") {
    Snapshot run = running();
    run.state = "interrupted";
    std::istringstream lines{metrics_of(run)};
    std::multiset<std::string> values;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("rowmill_run_state{")) values.insert(line.substr(line.rfind(' ') + 1));
    CHECK(values.count("1") == 1);
    CHECK(values.count("0") == 6);
    CHECK(contains(metrics_of(run), "state=\"interrupted\"} 1\n"));
}

TEST_CASE("why a run waited is a label, and how long is counted") {
    Snapshot run = running();
    run.waited_seconds = {{"lag", 2.5}, {"paused", 60}};
    const std::string text = lines_of(run);
    CHECK(contains(text, "\nrowmill_run_waited_seconds_total{run=\"7\",job=\"fix-invoices\",reason=\"lag\"} 2.5\n"));
    CHECK(contains(text, ",reason=\"paused\"} 60\n"));
}

TEST_CASE("sacks are told as those that are done and those that are left") {
    Snapshot run = running();
    run.sacks_total = 10;
    run.sacks_done = 3;
    const std::string text = metrics_of(run);
    CHECK(contains(text, "rowmill_run_sacks{run=\"7\",job=\"fix-invoices\",state=\"done\"} 3\n"));
    CHECK(contains(text, "rowmill_run_sacks{run=\"7\",job=\"fix-invoices\",state=\"left\"} 7\n"));
}

TEST_CASE("a job's name can't break out of its label") {
    Snapshot run = running();
    run.job = "a\"} 1\nb\\\xff";
    std::istringstream lines{metrics_of(run)};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK((line.starts_with("# ") || line.starts_with("rowmill_")));
    }
    CHECK(contains(metrics_of(run), "job=\"a\\\"} 1\\nb\\\\\xEF\xBF\xBD\""));
}

TEST_CASE("the metrics of a name stand together, under one heading, however many runs there are") {
    Snapshot other = running();
    other.run = 8;
    std::istringstream lines{to_metrics(std::vector{running(), other})};
    std::set<std::string> headings;
    std::string heading;
    int metrics = 0;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (line.starts_with("# HELP ")) {
            heading = line.substr(7, line.find(' ', 7) - 7);
            CHECK(headings.insert(heading).second);
        } else if (!line.starts_with("#")) {
            CHECK(line.substr(0, line.find('{')) == heading);
            ++metrics;
        }
    }
    CHECK(metrics > 30);
}

TEST_CASE("without any run the metrics say which program answers") {
    CHECK(contains(to_metrics({}), "rowmill_build_info{version=\"0."));
}
