#include "integration/process/doomed.hpp"
#include "integration/process/trial.hpp"
#include "process/descendants.hpp"
#include "process/supervise.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

using namespace rowmill;
using namespace rowmill::test;
using process::Ending;
using namespace std::chrono_literals;

namespace {

std::size_t count(const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a program that is killed by SIGKILL leaves no process behind, grandchildren included") {
    for (const int number : {SIGKILL, SIGTERM, SIGINT}) {
        const Mark mark;
        ProcessOptions options;
        options.environment = {{Mark::name(), mark.value()}};
        Process doomed{{"/proc/self/exe", doomed_argument}, options};
        REQUIRE(eventually([&] { return count(doomed.output(), "started") == 3; }));
        // Of each child: itself, two sleepers, and the two that an own session orphaned; then the program and its
        // supervisor.
        CHECK(eventually([&] { return mark.processes().size() == 3 * 5 + 2; }));
        doomed.send_signal(number);
        CHECK(doomed.wait().signal == number);
        CHECK(eventually([&] { return mark.processes().empty(); }));
    }
}

TEST_CASE("where the supervisor dies its children are killed and told as lost, and the next child has another") {
    Trial trial;
    Started child = trial.start_script("sleep 1000 & echo ready; wait");
    REQUIRE(child.wait_for_output("ready"));
    const pid_t supervisor = process::descendants_of(::getpid()).at(0);
    ::kill(supervisor, SIGKILL);
    CHECK(child.wait().ending.kind == Ending::Kind::lost);
    CHECK(eventually([&] { return trial.mark.processes().empty(); }));
    CHECK(trial.run({"echo", "again"}).output == "again\n");
    CHECK(process::descendants_of(::getpid()).at(0) != supervisor);
}

TEST_CASE("the signals of a terminal do not end a supervisor") {
    Trial trial;
    trial.run({"true"});
    const pid_t supervisor = process::descendants_of(::getpid()).at(0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::kill(supervisor, number);
    CHECK(trial.run({"echo", "still here"}).output == "still here\n");
    CHECK(process::descendants_of(::getpid()).at(0) == supervisor);
    CHECK(::getsid(supervisor) == supervisor);
}

TEST_CASE("a supervisor that cannot be started is told of each child") {
    Trial trial{{.supervisor = "/nonexistent/rowmill"}};
    const Heard heard = trial.run({"true"});
    CHECK(heard.ending.kind == Ending::Kind::lost);
    CHECK(heard.ending.what.find("No such file") != std::string::npos);
}

TEST_CASE("a program that is no supervisor is noticed") {
    Trial trial{{.supervisor = "/bin/true"}};
    CHECK(trial.run({"true"}).ending.kind == Ending::Kind::lost);
}

TEST_CASE("who asks for a supervisor by hand is told that this is not for people") {
    const Finished finished = run_process({"/proc/self/exe", process::supervise_argument});
    CHECK(finished.exit_code == 2);
    CHECK(finished.errors.find("rowmill's own use") != std::string::npos);
}

TEST_CASE("a thousand children, sixty-four at a time, each end once") {
    Trial trial;
    const auto begun = std::chrono::steady_clock::now();
    std::vector<Started> running;
    unsigned good = 0;
    constexpr unsigned all = 1000;
    for (unsigned child = 0; child < all; ++child) {
        if (running.size() == 64) {
            good += running.front().wait().ending.number == 0 ? 1 : 0;
            running.erase(running.begin());
        }
        running.push_back(trial.start({"/bin/true"}));
    }
    for (Started& child : running) good += child.wait().ending.number == 0 ? 1 : 0;
    CHECK(good == all);
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - begun;
    MESSAGE("one exec of /bin/true: ", taken.count() / all, " us");
}
