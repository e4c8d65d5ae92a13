#include "integration/exec/bench.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <deque>
#include <fstream>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

TEST_CASE("exec: a command is told of its row, its run and its attempt") {
    ExecBench bench;
    bench.use_script("echo \"$0 $ROWMILL_RUN $ROWMILL_JOB $ROWMILL_KEY $ROWMILL_ATTEMPT $ROWMILL_TOKEN\" >&2; exit 1");
    bench.outside.job.action.command.push_back("{title}");
    const std::string token = action::idempotency_token("token of the run", {Value::integer(7)});
    CHECK(bench.start(7, 1, "", "a; b\n'c").outcome().reason == "'c 12 previews 7 1 " + token);
    CHECK(bench.run(7, 2).reason == "Emma 12 previews 7 2 " + token);
}

TEST_CASE("exec: the exit code is the outcome, and the log says what happened to which key") {
    ExecBench bench;
    bench.use_script("echo convert: no such file >&2; exit $(cat $DIR/code)");
    const auto run_with = [&](const char* code) {
        std::ofstream{bench.folder() / "code"} << code;
        return bench.run(7);
    };
    CHECK(run_with("0") == success());
    CHECK(bench.log().empty());
    CHECK(run_with("1") == failure("convert: no such file", "exit 1"));
    CHECK(run_with("64") == skip("convert: no such file"));
    CHECK(run_with("75").kind == Kind::retry);
    CHECK(bench.log() == std::vector<std::string>{"key 7: exit 1, attempt 1: convert: no such file",
                                                  "key 7: skipped, attempt 1: convert: no such file",
                                                  "key 7: exit 75, attempt 1: convert: no such file"});
}

TEST_CASE("exec: a command that does not exist fails the run at once") {
    ExecBench bench;
    bench.outside.job.action.command = {"./no-such-command", "{id}"};
    CHECK_THROWS_WITH_AS(bench.run(7), doctest::Contains("can't start ./no-such-command: there is no such command"),
                         Error);
}

TEST_CASE("exec: a command that is not executable fails the run at once") {
    ExecBench bench;
    std::ofstream{bench.folder() / "command"} << "#!/bin/sh\n";
    bench.outside.job.action.command = {bench.folder() / "command"};
    CHECK_THROWS_WITH_AS(bench.run(7), doctest::Contains("chmod +x"), Error);
}

TEST_CASE("exec: a command that the row names, and that is not there, is that row's failure") {
    ExecBench bench;
    bench.outside.job.action.command = {"./{title}"};
    CHECK(bench.run(7).error_class == "start");
    CHECK(bench.run(7).kind == Kind::failure);
}

TEST_CASE("exec: a command that prints 100 MB to both streams neither blocks nor grows us") {
    ExecBench bench;
    bench.use_script(
        "head -c 100000000 /dev/zero; head -c 100000000 /dev/zero >&2; echo >&2; echo the end >&2; exit 1");
    const auto peak_kilobytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const long before = peak_kilobytes();
    CHECK(bench.run(7).reason == "the end");
    CHECK(peak_kilobytes() - before < 16 * 1024);
}

TEST_CASE("exec: a value that cannot stand in a command is a failure of class template") {
    ExecBench bench;
    bench.outside.job.action.command = {"true", "{title}"};
    CHECK(bench.start(7, 1, "", std::string{"a\0b", 3}).outcome().error_class == "template");
    CHECK(bench.log_says("key 7: template"));
    bench.outside.job.action.command = {"true", "{note}"};
    bench.finish();
    CHECK(bench.run(7).error_class == "template");
}

TEST_CASE("exec: a death by a signal is tried once more") {
    ExecBench bench;
    bench.use_script("kill -ABRT $$");
    const auto [outcome, attempts] = bench.run_to_the_end(7);
    CHECK(outcome.kind == Kind::failure);
    CHECK(outcome.error_class == "signal ABRT");
    CHECK(attempts == 2);
}

TEST_CASE("exec: what never ends is ended when its time is up, with all that it forked") {
    ExecBench bench;
    bench.use_script("sleep 1000 & (sleep 1000 & sleep 1000) & sleep 1000");
    Attempt attempt = bench.start(7);
    REQUIRE(eventually([&] { return bench.processes().size() == 5; }));
    attempt.stop();
    CHECK(attempt.outcome().error_class == "stopped");
    CHECK(bench.processes().empty());
    CHECK(bench.log_says("key 7: stopped"));
}

TEST_CASE("exec: what ignores TERM is killed, and its slot is taken until then") {
    ExecBench bench;
    bench.options.grace = 100ms;
    bench.use_script("trap '' TERM; touch $DIR/ready; while :; do sleep 1000; done");
    Attempt attempt = bench.start(7);
    REQUIRE(eventually([&] { return std::filesystem::exists(bench.folder() / "ready"); }));
    const auto begun = std::chrono::steady_clock::now();
    attempt.stop();
    CHECK(attempt.outcome().reason == "killed by signal KILL");
    CHECK(std::chrono::steady_clock::now() - begun >= 100ms);
    CHECK(bench.processes().empty());
}

TEST_CASE("exec: a row that is stopped before its process is started starts none") {
    ExecBench bench;
    bench.use_script("touch $DIR/started");
    CHECK(bench.start_stopped(7).outcome().error_class == "stopped");
    bench.finish();
    CHECK_FALSE(std::filesystem::exists(bench.folder() / "started"));
}

TEST_CASE("exec: secrets stand neither in the reason nor in the log") {
    ExecBench bench;
    bench.outside.job.action.secrets = {"hunter2"};
    bench.use_script("echo \"401 for user:hunter2\" >&2; exit 1");
    CHECK(bench.run(7).reason == "401 for user:***");
    CHECK_FALSE(bench.log_says("hunter2"));
}

TEST_CASE("exec: what a cut leaves of a secret is not shown") {
    ExecBench bench;
    bench.outside.job.action.secrets = {"hunter2-and-more", "first line\nsecond line"};
    bench.use_script(R"(case $ROWMILL_KEY in
        1) printf '%0990d hunter2-and-more' 0 ;;
        2) printf 'hunter2-and-more%04090d' 0 ;;
        3) printf 'first line\nsecond line' ;;
        esac >&2; exit 1)");
    CHECK(bench.run(1).reason == std::string(990, '0') + " ***");
    CHECK(bench.run(2).reason.find("more") == std::string::npos);
    CHECK(bench.run(3).reason == "***");
    CHECK_FALSE(bench.log_says("hunter"));
}

TEST_CASE("exec: the processes are never more than the rows in flight") {
    ExecBench bench;
    bench.outside.job.action.command = {"sleep", "0.01"};
    constexpr std::size_t slots = 8;
    std::deque<Attempt> running;
    std::size_t most = 0;
    for (int id = 1; id <= 300; ++id) {
        running.push_back(bench.start(id));
        if (running.size() < slots) continue;
        most = std::max(most, bench.processes().size());
        CHECK(running.front().outcome() == success());
        running.pop_front();
    }
    for (Attempt& attempt : running) CHECK(attempt.outcome() == success());
    CHECK(most <= slots);
    CHECK(most >= 2);
}
