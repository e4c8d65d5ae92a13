#include "integration/exec/bench.hpp"
#include "process/descendants.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <fstream>
#include <set>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;
using Kind = Outcome::Kind;

namespace {

/// A bench for a coprocess in shell, which restarts soon.
struct Coprocesses : ExecBench {
    explicit Coprocesses(const std::string& script, unsigned slots = 1) {
        use_script(next_row + answer_row + script, true);
        outside.slots = slots;
        options.restart_first = 1ms;
        options.restart_cap = 4ms;
    }
};

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("ndjson: a coprocess is told of a row by a line, and answers by one") {
    Coprocesses bench{R"(next; echo "$line" > $DIR/line; answer skip "run $ROWMILL_RUN")"};
    CHECK(bench.run(7, 2) == skip("run 12"));
    const std::string token = action::idempotency_token("token of the run", {Value::integer(7)});
    CHECK(bench.file("line") ==
          R"({"id":1,"attempt":2,"token":")" + token + R"(","item":{"id":7,"title":"Emma","note":null}})" + "\n");
}

TEST_CASE("ndjson: the outcomes are those that the coprocess says") {
    Coprocesses bench{R"(while next; do case $id in
        1) answer success;; 2) answer failure broken;; 3) answer retry busy;;
        4) echo "{\"id\":$id,\"outcome\":\"retry\",\"delay_ms\":70}";; esac; done)"};
    CHECK(bench.run(1) == success());
    CHECK(bench.run(2) == failure("broken", "failure"));
    CHECK(bench.run(3).error_class == "retry");
    CHECK(bench.run(4).delay == 70ms);
    CHECK(bench.log_says("key 2: failure, attempt 1: broken"));
    CHECK(bench.log_says("key 3: retry, attempt 1: busy"));
}

TEST_CASE("ndjson: there are as many coprocesses as slots at most, and they are used again") {
    Coprocesses bench{R"(while next; do answer skip $$; done)", 4};
    std::set<std::string> seen;
    std::deque<Attempt> running;
    for (int id = 1; id <= 200; ++id) {
        if (running.size() == 4) {
            seen.insert(running.front().outcome().reason);
            running.pop_front();
        }
        running.push_back(bench.start(id));
    }
    for (Attempt& attempt : running) seen.insert(attempt.outcome().reason);
    CHECK(seen.size() <= 4);
    CHECK(seen.size() >= 2);
    CHECK(bench.processes().size() <= 4);
}

TEST_CASE("ndjson: a coprocess is started when it is first needed, not before") {
    Coprocesses bench{R"(echo x >> $DIR/starts; while next; do answer success; done)", 8};
    for (int id = 1; id <= 20; ++id) CHECK(bench.run(id) == success());
    CHECK(lines_of(bench.file("starts")) == 1);
}

TEST_CASE("ndjson: where more rows may be with it than before, there are more coprocesses for those that wait") {
    Coprocesses bench{R"(while next; do echo x >> $DIR/begun; until [ -e $DIR/go ]; do sleep 0.01; done; answer success; done)", 1};
    std::deque<Attempt> running;
    for (int id = 1; id <= 5; ++id) running.push_back(bench.start(id));
    CHECK(eventually([&] { return lines_of(bench.file("begun")) == 1; }));
    CHECK(bench.make_room(4) == 4);
    CHECK(eventually([&] { return lines_of(bench.file("begun")) == 4; }));
    CHECK(bench.make_room(1) == 1);
    std::ofstream{bench.folder() / "go"};
    for (Attempt& attempt : running) CHECK(attempt.outcome() == success());
    CHECK(bench.processes().size() <= 4);
}

TEST_CASE("ndjson: answers in another order find their rows") {
    Coprocesses bench{
        R"(while next; do a=$id; next; b=$id; next
        answer skip $id; id=$b; answer skip $b; id=$a; answer skip $a; done)",
        3};
    bench.options.rows_a_coprocess = 3;
    std::deque<Attempt> running;
    for (int id = 1; id <= 3; ++id) running.push_back(bench.start(id));
    for (int id = 1; id <= 3; ++id)
        CHECK(running[static_cast<std::size_t>(id - 1)].outcome() == skip(std::to_string(id)));
}

TEST_CASE("ndjson: a command that does not exist fails the run at once") {
    Coprocesses bench{""};
    bench.outside.job.action.command = {"no-such-coprocess"};
    CHECK_THROWS_WITH_AS(bench.run(7), doctest::Contains("can't start no-such-coprocess: there is no such command"),
                         Error);
}

TEST_CASE("ndjson: a command that names a column is refused before the first row") {
    Coprocesses bench{""};
    bench.outside.job.action.command = {"worker", "{id}"};
    CHECK_THROWS_WITH_AS(action::exec_action(bench.outside), doctest::Contains("{id}"), Error);
}

TEST_CASE("ndjson: one that never answers is ended when the row's time is up, and another takes its place") {
    Coprocesses bench{
        R"(echo $$ >> $DIR/starts; next; case $line in *'"id":7,'*) exec sleep 1000;; *) answer success;; esac; cat)"};
    Attempt attempt = bench.start(7);
    REQUIRE(eventually([&] { return lines_of(bench.file("starts")) == 1; }));
    attempt.stop();
    CHECK(attempt.outcome().error_class == "stopped");
    CHECK(bench.processes().empty());
    CHECK(bench.run(8) == success());
    CHECK(lines_of(bench.file("starts")) == 2);
}

TEST_CASE("ndjson: one that closes its stdin unread is ended, and a row that meets two of them is quarantined") {
    Coprocesses bench{R"(exec <&-; exec sleep 1000)"};
    const Outcome first = bench.run(7);
    CHECK(first.kind == Kind::retry);
    CHECK(first.error_class == "coprocess died");
    CHECK(first.reason.find("closed its stdin") != std::string::npos);
    CHECK(bench.run(7, 2, first.error_class).kind == Kind::failure);
    CHECK(bench.log_says("key 7: coprocess died, attempt 2"));
}

TEST_CASE("ndjson: one that closes its stdin after it has read a row may still answer that row") {
    Coprocesses bench{R"(echo x >> $DIR/starts; next; exec <&-; sleep 0.05; answer success; exec sleep 1000)"};
    CHECK(bench.run(1) == success());
    CHECK(bench.run(2) == success());
    CHECK(lines_of(bench.file("starts")) == 2);
}

TEST_CASE("ndjson: a second answer is passed over, and said") {
    Coprocesses bench{R"(while next; do answer success; answer failure twice; done)"};
    for (int id = 1; id <= 20; ++id) CHECK(bench.run(id) == success());
    CHECK(bench.log_says("answered id 1 a second time"));
}

TEST_CASE("ndjson: an answer for an id that nobody asked for is passed over, and said") {
    Coprocesses bench{R"(while next; do echo '{"id":4711,"outcome":"failure"}'; answer success; done)"};
    CHECK(bench.run(7) == success());
    CHECK(bench.log_says("id 4711, which it was not asked for"));
}

TEST_CASE("ndjson: one that dies with every seventh row has that row tried again, and no other") {
    Coprocesses bench{
        R"(n=0; while next; do n=$((n+1)); [ $n = 7 ] && { echo seven >&2; exit 9; }; answer success; done)"};
    unsigned again = 0;
    for (int id = 1; id <= 70; ++id) {
        const auto [outcome, attempts] = bench.run_to_the_end(id);
        CHECK(outcome == success());
        again += attempts - 1;
    }
    // The retried row is the next coprocess's first, so that each dies with the sixth row after that.
    CHECK(again == 11);
    CHECK(bench.log_says("key 7: coprocess died, attempt 1: its coprocess died: exit 9: seven"));
}

TEST_CASE("ndjson: one that leaves after every seventh answer costs no row an attempt") {
    Coprocesses bench{R"(n=0; while next; do answer success; n=$((n+1)); [ $n = 7 ] && exit 0; done)", 3};
    std::deque<Attempt> running;
    for (int id = 1; id <= 200; ++id) {
        if (running.size() == 3) {
            CHECK(running.front().outcome() == success());
            running.pop_front();
        }
        running.push_back(bench.start(id));
    }
    for (Attempt& attempt : running) CHECK(attempt.outcome() == success());
}

TEST_CASE("ndjson: what kills two coprocesses is quarantined") {
    Coprocesses bench{R"(while next; do case $line in *'"id":7,'*) kill -SEGV $$;; esac; answer success; done)"};
    CHECK(bench.run(6) == success());
    const auto [outcome, attempts] = bench.run_to_the_end(7);
    CHECK(outcome.kind == Kind::failure);
    CHECK(outcome.error_class == "coprocess died");
    CHECK(outcome.reason == "a second time in a row its coprocess died: signal SEGV");
    CHECK(attempts == 2);
    CHECK(bench.run(8) == success());
}

TEST_CASE("ndjson: garbage is an error that names the line and the key, and the row is tried again") {
    Coprocesses bench{
        R"(while next; do case $line in *'"attempt":1,'*) echo "Loading the model";; esac; answer success; done)"};
    const auto [outcome, attempts] = bench.run_to_the_end(7);
    CHECK(outcome == success());
    CHECK(attempts == 2);
    CHECK(bench.log_says("key 7: a coprocess wrote a line that is no answer, as it is no JSON: Loading the model"));
    CHECK(bench.log_says("key 7: protocol, attempt 1"));
}

TEST_CASE("ndjson: a line without end is garbage, and is not kept") {
    Coprocesses bench{R"(while next; do head -c 50000000 /dev/zero; answer success; done)"};
    CHECK(bench.run(7).error_class == "protocol");
    CHECK(bench.log_says("longer than 1 MB"));
    for (const std::string& line : bench.log()) CHECK(line.size() < 500);
}

TEST_CASE("ndjson: one that ignores TERM is killed, and another takes its place") {
    Coprocesses bench{
        R"(trap '' TERM; echo x >> $DIR/starts; next
        case $line in *'"id":7,'*) while :; do sleep 1000; done;; esac; answer success; cat)"};
    bench.options.grace = 50ms;
    Attempt attempt = bench.start(7);
    REQUIRE(eventually([&] { return lines_of(bench.file("starts")) == 1; }));
    attempt.stop();
    CHECK(attempt.outcome().reason == "it was told to end: signal KILL");
    CHECK(bench.run(8) == success());
}

TEST_CASE("ndjson: what a coprocess forked is gone with it") {
    Coprocesses bench{
        R"(sleep 1000 & (sleep 1000 & sleep 1000) & next; answer success; next; touch $DIR/two; exec sleep 1000)"};
    CHECK(bench.run(1) == success());
    Attempt attempt = bench.start(2);
    REQUIRE(eventually([&] { return std::filesystem::exists(bench.folder() / "two"); }));
    attempt.stop();
    CHECK(attempt.outcome().error_class == "stopped");
    CHECK(bench.processes().empty());
}

TEST_CASE("ndjson: one that dies again and again is started after longer and longer waits") {
    Coprocesses bench{"exit 3"};
    bench.options.restart_first = 10ms;
    bench.options.restart_cap = 40ms;
    const auto begun = std::chrono::steady_clock::now();
    for (int id = 1; id <= 6; ++id) CHECK(bench.run(id).error_class == "coprocess died");
    CHECK(std::chrono::steady_clock::now() - begun >= 10ms + 20ms + 40ms + 40ms + 40ms);
}

TEST_CASE("ndjson: a row that waits for a coprocess to be started again gives up when its time is up") {
    Coprocesses bench{"exit 3"};
    bench.options.restart_first = bench.options.restart_cap = 1h;
    CHECK(bench.run(1).error_class == "coprocess died");
    Attempt attempt = bench.start(2);
    attempt.stop();
    CHECK(attempt.outcome().error_class == "stopped");
}

TEST_CASE("ndjson: stderr goes to the log with the key of the row, and not without bound") {
    Coprocesses bench{R"(while next; do echo "resizing $id" >&2; answer success; done)"};
    bench.run(7);
    CHECK(eventually([&] {
        return bench.log_says("key 7: stderr, attempt 1: resizing 1") ||
               bench.log_says("coprocess: stderr: resizing 1");
    }));
    Coprocesses loud{R"(next; yes | head -n 100000 >&2; answer success; cat)"};
    CHECK(loud.run(7) == success());
    loud.finish();
    CHECK(loud.log_says("(more was left out)"));
    CHECK(loud.log().size() == 51);
}

TEST_CASE("ndjson: at the end the coprocesses' stdin is closed, and they may finish") {
    Coprocesses bench{R"(while next; do answer success; done; sleep 0.05; echo bye > $DIR/bye)", 2};
    CHECK(bench.run(7) == success());
    bench.finish();
    CHECK(bench.file("bye") == "bye\n");
    CHECK(bench.processes().empty());
}

TEST_CASE("ndjson: what a cut leaves of a secret is not shown") {
    Coprocesses bench{R"(next; printf '%04090dhunter2-and-more\n%0990d hunter2-and-more\n' 0 0 >&2; exit 1)"};
    bench.outside.job.action.secrets = {"hunter2-and-more"};
    const Outcome outcome = bench.run(7);
    CHECK(outcome.reason.ends_with("0 ***"));
    CHECK_FALSE(bench.log_says("hunter"));
}

TEST_CASE("ndjson: a secret in an answer is masked, also in its class, which is a short line") {
    Coprocesses bench{
        R"(next; printf '{"id":%s,"outcome":"failure","reason":"%0990d hunter2","class":"no\\nhunter2"}\n' "$id" 0)"};
    bench.outside.job.action.secrets = {"hunter2"};
    CHECK(bench.run(7) == failure(std::string(990, '0') + " ***", "no?***"));
}

TEST_CASE("ndjson: what does not leave at the end is ended") {
    Coprocesses bench{R"(trap '' TERM; next; answer success; while :; do sleep 1000; done)"};
    bench.options.launcher.leave = 20ms;
    bench.options.launcher.grace = 20ms;
    CHECK(bench.run(7) == success());
    bench.finish();
    CHECK(bench.processes().empty());
}

TEST_CASE("ndjson: the death of the supervisor is a retry, and the next row has a new one") {
    Coprocesses bench{
        R"(while next; do
        case $line in *'"attempt":1,'*) touch $DIR/here; exec sleep 1000;; esac; answer success; done)"};
    Attempt attempt = bench.start(7);
    REQUIRE(eventually([&] { return std::filesystem::exists(bench.folder() / "here"); }));
    ::kill(process::descendants_of(::getpid()).at(0), SIGKILL);
    CHECK(attempt.outcome().error_class == "supervisor");
    CHECK(bench.run(7, 2, "supervisor") == success());
}

TEST_CASE("ndjson: one round trip") {
    ExecBench bench;
    bench.outside.job.action.ndjson = true;
    bench.outside.job.action.command = {"python3", "-c", R"(import sys
for line in sys.stdin:
    id = line[6:line.index(",")]
    sys.stdout.write('{{"id":' + id + ',"outcome":"success"}}\n')
    sys.stdout.flush())"};
    bench.run(0);
    constexpr int all = 5000;
    const auto begun = std::chrono::steady_clock::now();
    int good = 0;
    for (int id = 1; id <= all; ++id) good += bench.run(id) == success() ? 1 : 0;
    CHECK(good == all);
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - begun;
    MESSAGE("one ndjson round trip, one after another: ", taken.count() / all, " us");
}
