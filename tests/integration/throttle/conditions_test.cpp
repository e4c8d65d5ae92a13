#include "bench.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// "HH:MM" of UTC, so much from now.
std::string clock_in(std::chrono::minutes time) {
    const auto now = std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now() + time);
    const auto of_day = now - std::chrono::floor<std::chrono::days>(now);
    const auto two_digits = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two_digits(of_day.count() / 60) + ":" + two_digits(of_day.count() % 60);
}

std::string window(std::chrono::minutes from, std::chrono::minutes to) {
    return "window = \"" + clock_in(from) + "-" + clock_in(to) + " UTC\"";
}

}  // namespace

TEST_CASE("a run waits while its flag file is there, and says for how long it did") {
    TemporaryFolder folder;
    const std::string flag = folder.path() + "/stop";
    std::ofstream{flag} << "";
    Throttled bench{"flag_file = \"" + flag + "\""};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: the flag file " + flag + " is there"));
    CHECK(bench.changed() == 0);
    std::filesystem::remove(flag);
    check_end(process->wait(), "exit 0", {"waited", "flag_file"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a run that waits leaves at once at a signal, resumable") {
    TemporaryFolder folder;
    Throttled bench{"flag_file = \"" + folder.path() + "\""};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: the flag file"));
    process->send_signal(SIGTERM);
    check_end(process->wait(5s), "exit 4");
    CHECK(bench.changed() == 0);
    check_end(bench.trial.run({"--flag-file", folder.path() + "/no"}), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a run waits while its query gives more than 0") {
    Throttled bench{"query = \"SELECT COUNT(*) FROM nightly WHERE busy = 1\""};
    bench.schema.execute("CREATE TABLE nightly (busy INT NOT NULL)");
    bench.schema.execute("INSERT INTO nightly VALUES (1), (1)");
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: the throttle's query gives 2"));
    CHECK(bench.changed() == 0);
    bench.schema.execute("UPDATE nightly SET busy = 0");
    check_end(process->wait(), "exit 0", {"query"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a run whose query can't be asked any more waits, with the reason") {
    Throttled bench{"query = \"SELECT COUNT(*) FROM nightly\"", "rate = 100"};
    bench.schema.execute("CREATE TABLE nightly (busy INT NOT NULL)");
    const auto process = bench.trial.start();
    REQUIRE(eventually([&] { return bench.changed() > 0; }));
    bench.schema.execute("RENAME TABLE nightly TO daily");
    CHECK(process->wait_for_output("nightly' doesn't exist"));
    bench.schema.execute("RENAME TABLE daily TO nightly");
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a query that is none, or of no number, or that writes is found before the first row") {
    for (const auto& [query, why] : {std::pair<const char*, const char*>{"SELEC 1", "throttle.query: "},
                                     {"SELECT 1 FROM nowhere", "throttle.query: "},
                                     {"SELECT id FROM t", "throttle.query must give one number"},
                                     {"SELECT 1, 2", "throttle.query must give one number"},
                                     {"SELECT 'many'", "throttle.query must give a number, not \\\"many\\\""},
                                     {"UPDATE t SET n = 7", "throttle.query: it must be a SELECT that writes nothing"}}) {
        CAPTURE(query);
        Throttled bench{std::string{"query = \""} + query + "\"", "", 10};
        std::string expected = why;
        std::erase(expected, '\\');
        check_end(bench.trial.run(), "exit 2", {expected});
        CHECK(bench.changed() == 0);
    }
}

TEST_CASE("outside of its window a run waits, and says when that opens") {
    Throttled bench{window(120min, 180min)};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: outside of the window"));
    CHECK(process->wait_for_output("which opens at "));
    CHECK(bench.changed() == 0);
    process->send_signal(SIGTERM);
    check_end(process->wait(), "exit 4");
}

TEST_CASE("inside of its window a run works") {
    Throttled bench{window(-60min, 60min)};
    check_end(bench.trial.run(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a window that is none is found before the first row") {
    Throttled bench{"window = \"25:00-05:00\"", "", 10};
    check_end(bench.trial.run(), "exit 2", {"throttle.window", "it looks like"});
    check_end(bench.trial.run({"--window", "01:00-05:00 Europe/Atlantis"}), "exit 2", {"Europe/Atlantis"});
    CHECK(bench.changed() == 0);
}

TEST_CASE("a run waits while a check over HTTP answers anything but 2xx") {
    TemporaryFolder folder;
    const HttpServer server;
    Throttled bench{"http = \"" + server.url("/file" + folder.path() + "/go") + "\""};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("answers 429"));
    CHECK(bench.changed() == 0);
    std::ofstream{folder.path() + "/go"} << "";
    check_end(process->wait(), "exit 0", {"http"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a check over HTTP that does not answer holds the run, and its user and query are not shown") {
    const HttpServer server;
    std::string url = server.url("/hang?key=opensesame");
    url.insert(url.find("://") + 3, "ali:baba@");
    Throttled bench{"http = \"" + url + "\""};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: no answer from http://127.0.0.1:"));
    process->send_signal(SIGTERM);
    const Finished finished = process->wait(10s);
    check_end(finished, "exit 4");
    CHECK(bench.changed() == 0);
    CHECK(finished.errors.find("opensesame") == std::string::npos);
    CHECK(finished.errors.find("baba") == std::string::npos);
}

TEST_CASE("a check over HTTP where nobody listens holds the run") {
    Throttled bench{"http = \"" + closed_url() + "\""};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("waiting: http://127.0.0.1:"));
    CHECK(bench.changed() == 0);
    process->kill();
}
