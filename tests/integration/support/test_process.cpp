#include "support/process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <stdexcept>
#include <system_error>

using namespace rowmill::test;
using std::chrono::milliseconds;

TEST_CASE("a process's two streams and its exit code are kept apart") {
    const Finished finished = run_process({"sh", "-c", "echo data; echo people >&2; exit 3"});
    CHECK(finished.output == "data\n");
    CHECK(finished.errors == "people\n");
    CHECK(finished.exit_code == 3);
    CHECK(finished.how() == "exit 3");
    CHECK_FALSE(finished.succeeded());
}

TEST_CASE("a killed process says by which signal") {
    Process process{{"cat", "/dev/zero"}};
    process.kill();
    const Finished finished = process.wait();
    CHECK(finished.signal == SIGKILL);
    CHECK_FALSE(finished.exit_code);
    CHECK(finished.how() == "signal 9");
}

TEST_CASE("output can be waited for while the process goes on") {
    Process process{{"sh", "-c", "echo ready; exec tail -f /dev/null"}};
    CHECK(process.wait_for_output("ready"));
    process.send_signal(SIGTERM);
    CHECK(process.wait().signal == SIGTERM);
}

TEST_CASE("waiting for output that never comes ends with the process") {
    Process process{{"echo", "something else"}};
    CHECK_FALSE(process.wait_for_output("ready"));
}

TEST_CASE("a process past its time limit is killed, and what it wrote is told") {
    Process process{{"sh", "-c", "echo stuck; exec tail -f /dev/null"}};
    REQUIRE(process.wait_for_output("stuck"));
    CHECK_THROWS_WITH_AS(process.wait(milliseconds{1}), doctest::Contains("stuck"), std::runtime_error);
}

TEST_CASE("a grandchild that keeps the streams open does not hold up the wait") {
    Process process{{"sh", "-c", "tail -f /dev/null & echo $!"}};
    const Finished finished = process.wait();
    CHECK(finished.succeeded());
    ::kill(std::stoi(finished.output), SIGKILL);
}

TEST_CASE("a process gets the input, the folder and the variables it was given") {
    const Finished finished =
        run_process({"sh", "-c", "cat; pwd; echo $COLOUR-$GONE"}, {{{"COLOUR", "red"}, {"GONE", ""}}, "in\n", "/"});
    CHECK(finished.output == "in\n/\nred-\n");
}

TEST_CASE("a program that is not there is an error") {
    CHECK_THROWS_AS(Process({"/no/such/program"}), std::system_error);
}

TEST_CASE("more output than a pipe holds arrives whole") {
    CHECK(run_process({"head", "-c", "3000000", "/dev/zero"}).output.size() == 3000000);
}
