#include "progress/pace.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace rowmill::progress;
using rowmill::test::Captured;
using rowmill::test::contains;
using rowmill::test::running;

namespace {

struct Counting : Listener {
    int snapshots = 0, notes = 0, ends = 0;
    void progress(const Snapshot&) override { ++snapshots; }
    void note(const std::string&) override { ++notes; }
    void finished(const Summary&) override { ++ends; }
};

struct Throwing : Listener {
    void progress(const Snapshot&) override { throw std::runtime_error{"no room"}; }
    void note(const std::string&) override { throw 1; }
    void finished(const Summary&) override { throw std::runtime_error{"no room"}; }
};

Summary ended() {
    Summary summary;
    summary.last = running();
    summary.last.state = "succeeded";
    summary.why_stopped = "all sacks are done";
    return summary;
}

Pace::Time at(double seconds) {
    return Pace::Time{} + std::chrono::duration_cast<Pace::Time::duration>(Pace::Seconds{seconds});
}

/// What a terminal shows after the output: rows of text, with \r and erase-line obeyed. One cell a byte.
std::vector<std::string> screen(const std::string& output) {
    std::vector<std::string> rows(1);
    std::size_t column = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        if (output[i] == '\n') {
            rows.emplace_back();
            column = 0;
        } else if (output[i] == '\r') {
            column = 0;
        } else if (output.compare(i, 3, "\x1b[K") == 0) {
            rows.back().resize(column);
            i += 2;
        } else {
            std::string& row = rows.back();
            row.resize(std::max(row.size(), column + 1), ' ');
            row[column++] = output[i];
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("every listener of a hub hears everything") {
    Hub hub;
    const auto first = std::make_shared<Counting>(), second = std::make_shared<Counting>();
    hub.add(first);
    hub.add(second);
    hub.progress(running());
    hub.note("reconnected");
    hub.finished(ended());
    for (const auto& listener : {first, second}) {
        CHECK(listener->snapshots == 1);
        CHECK(listener->notes == 1);
        CHECK(listener->ends == 1);
    }
}

TEST_CASE("a listener that throws keeps nothing from the others") {
    Hub hub;
    const auto last = std::make_shared<Counting>();
    hub.add(std::make_shared<Throwing>());
    hub.add(last);
    hub.progress(running());
    hub.note("reconnected");
    hub.finished(ended());
    CHECK(last->snapshots + last->notes + last->ends == 3);
}

TEST_CASE("threads that tell a hub at once are heard one by one") {
    Hub hub;
    const auto listener = std::make_shared<Counting>();
    hub.add(listener);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 1000; ++n) hub.note("x");
            });
        }
    }
    CHECK(listener->notes == 4000);
}

TEST_CASE("the pace lets the first snapshot through, then one an interval") {
    Pace pace{10};
    const Snapshot now = running();
    CHECK(pace.shows(now, at(0)));
    CHECK_FALSE(pace.shows(now, at(1)));
    CHECK_FALSE(pace.shows(now, at(8)));
    CHECK(pace.shows(now, at(9.99)));
}

TEST_CASE("the pace tells at once that a run began to wait, but no flicker") {
    Pace pace{10};
    Snapshot waits = running();
    waits.waiting_for = "replica lag";
    CHECK(pace.shows(running(), at(0)));
    CHECK_FALSE(pace.shows(waits, at(0.1)));
    CHECK(pace.shows(waits, at(1)));
    CHECK_FALSE(pace.shows(waits, at(2)));
    CHECK(pace.shows(running(), at(3)));
}

TEST_CASE("the pace tells at once that a run waits for something else, but not of other figures") {
    Pace pace{10};
    Snapshot waits = running();
    waits.waiting_for = "replica db2 lags 3.2 s behind";
    CHECK(pace.shows(waits, at(0)));
    waits.waiting_for = "replica db2 lags 14 s behind";
    CHECK_FALSE(pace.shows(waits, at(1)));
    waits.waiting_for = "Threads_running is 30";
    CHECK(pace.shows(waits, at(2)));
}

TEST_CASE("the bar is redrawn in place and the summary takes its place") {
    Captured captured;
    {
        const auto bar = terminal_bar(
            captured.out(), [] { return 60u; }, false);
        bar->progress(running());
        CHECK(contains(screen(captured.text()).back(), "24.0%"));
        bar->finished(ended());
    }
    const std::vector<std::string> rows = screen(captured.text());
    CHECK(contains(rows.front(), "run 7 · fix-invoices: succeeded"));
    CHECK(rows.back().empty());
    for (const std::string& row : rows) CHECK_FALSE(contains(row, "24.0%"));
}

TEST_CASE("notes scroll above the bar, which stays the last line") {
    Captured captured;
    const auto bar = terminal_bar(
        captured.out(), [] { return 60u; }, false);
    bar->progress(running());
    bar->note("the server went away; connected again");
    const std::vector<std::string> rows = screen(captured.text());
    REQUIRE(rows.size() == 2);
    CHECK(rows[0] == "the server went away; connected again");
    CHECK(contains(rows[1], "24.0%"));
}

TEST_CASE("the bar leaves the last cell free and never hides the cursor") {
    Captured captured;
    Snapshot now = running();
    now.job = std::string(100, 'x');
    const auto bar = terminal_bar(
        captured.out(), [] { return 20u; }, false);
    bar->progress(now);
    CHECK(screen(captured.text()).back().size() <= 19);
    CHECK_FALSE(contains(captured.text(), "?25l"));
}

TEST_CASE("a bar that ends without a summary leaves the prompt a line of its own") {
    Captured captured;
    terminal_bar(
        captured.out(), [] { return 60u; }, false)
        ->progress(running());
    CHECK(captured.text().back() == '\n');
}

TEST_CASE("plain lines hold no escape sequence and end with the summary") {
    Captured captured;
    const auto plain = plain_lines(captured.out(), 10);
    plain->progress(running());
    plain->progress(running());
    plain->note("stop asked for: finishing 4 batches");
    plain->finished(ended());
    const std::vector<std::string> rows = screen(captured.text());
    CHECK(rows[0] == to_line(running()));
    CHECK(rows[1] == "stop asked for: finishing 4 batches");
    CHECK(contains(rows[2], "run 7"));
    CHECK_FALSE(contains(captured.text(), "\x1b"));
}

TEST_CASE("every line of the JSON listener is a snapshot, the last one that of the end") {
    Captured captured;
    const auto lines = json_lines(captured.out());
    lines->progress(running());
    lines->progress(running());
    lines->note("not JSON");
    lines->finished(ended());
    std::istringstream text{captured.text()};
    std::vector<std::string> states;
    for (std::string line; std::getline(text, line);) {
        states.emplace_back(boost::json::parse(line).at("state").as_string());
    }
    CHECK(states == std::vector<std::string>{"running", "succeeded"});
}

TEST_CASE("the quiet listener tells notes and the summary only") {
    Captured captured;
    const auto quiet = summary_only(captured.out());
    quiet->progress(running());
    CHECK(captured.text().empty());
    quiet->note("reconnected");
    quiet->finished(ended());
    CHECK(contains(captured.text(), "reconnected\nrun 7"));
}
