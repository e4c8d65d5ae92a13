#include "integration/process/trial.hpp"
#include "process/descendants.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace rowmill;
using namespace rowmill::test;
using process::Ending;
using namespace std::chrono_literals;

namespace {

/// A file that is deleted again.
struct File {
    File(const std::string& text, std::filesystem::perms permissions)
        : path{std::filesystem::temp_directory_path() / ("rowmill-" + Mark{}.value())} {
        std::ofstream{path} << text;
        std::filesystem::permissions(path, permissions);
    }
    ~File() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

constexpr auto executable = std::filesystem::perms::owner_all;
constexpr auto readable = std::filesystem::perms::owner_read;

}  // namespace

TEST_CASE("what a child writes and how it exits is told") {
    Trial trial;
    const Heard heard = trial.run_script("echo out; echo err >&2; exit 3");
    CHECK(heard.output == "out\n");
    CHECK(heard.errors == "err\n");
    CHECK(heard.ending.kind == Ending::Kind::exited);
    CHECK(heard.ending.number == 3);
}

TEST_CASE("the signal that killed a child is told") {
    Trial trial;
    const Heard heard = trial.run_script("kill -SEGV $$");
    CHECK(heard.ending.kind == Ending::Kind::killed);
    CHECK(heard.ending.number == SIGSEGV);
}

TEST_CASE("arguments arrive as they are, without a shell") {
    Trial trial;
    const Heard heard = trial.run({"printf", "%s|", "a b", "$HOME;rm -rf x", "'\"\n", ""});
    CHECK(heard.output == "a b|$HOME;rm -rf x|'\"\n||");
}

TEST_CASE("a command that is not there is told as not started") {
    Trial trial;
    for (const char* name : {"/nonexistent/command", "no-such-command-anywhere", ""}) {
        const Heard heard = trial.run({name});
        CHECK(heard.ending.kind == Ending::Kind::not_started);
        CHECK(heard.ending.number == ENOENT);
        CHECK(heard.ending.what == name);
    }
}

TEST_CASE("a file that may not be executed is told as not started") {
    const File file{"#!/bin/sh\n", readable};
    Trial trial;
    const Heard heard = trial.run({file.path});
    CHECK(heard.ending.kind == Ending::Kind::not_started);
    CHECK(heard.ending.number == EACCES);
}

TEST_CASE("a folder is no command") {
    Trial trial;
    CHECK(trial.run({"/tmp"}).ending.number == EACCES);
}

TEST_CASE("a script without its first line is told as not started, and no shell tries it") {
    const File file{"echo I ran\n", executable};
    Trial trial;
    const Heard heard = trial.run({file.path});
    CHECK(heard.ending.kind == Ending::Kind::not_started);
    CHECK(heard.ending.number == ENOEXEC);
    CHECK(heard.output.empty());
}

TEST_CASE("a child runs in the folder that was asked for, and one that is not there is told") {
    Trial trial;
    CHECK(trial.start({"pwd"}, false, "/usr").wait().output == "/usr\n");
    const Heard heard = trial.start({"pwd"}, false, "/nowhere/at/all").wait();
    CHECK(heard.ending.kind == Ending::Kind::not_started);
    CHECK(heard.ending.what == "/nowhere/at/all");
}

TEST_CASE("a child has our environment and what was said beside it") {
    ::setenv("ROWMILL_TEST_INHERITED", "old", 1);
    Trial trial;
    const Heard heard = trial.run_script("echo $ROWMILL_TEST_INHERITED $ROWMILL_TEST_MARK");
    CHECK(heard.output == "old " + trial.mark.value() + "\n");
    std::promise<std::string> said;
    process::Listener listener;
    std::string output;
    listener.output = [&](std::string_view bytes) { output += bytes; };
    listener.ended = [&](const Ending&) { said.set_value(output); };
    trial.launcher->start({{"/bin/sh", "-c", "env | grep INHERITED"}, {"ROWMILL_TEST_INHERITED=new"}}, listener);
    CHECK(said.get_future().get() == "ROWMILL_TEST_INHERITED=new\n");
}

TEST_CASE("a child starts with default signals, none blocked, and no descriptors but its own three") {
    std::signal(SIGPIPE, SIG_IGN);
    Trial trial;
    const auto standard_signals = [&](const std::string& field) {
        const Heard heard = trial.run({"sed", "-n", "s/^" + field + ":\t//p", "/proc/self/status"});
        // Those from 32 on are the C library's: posix_spawn makes it ignore two of them.
        return std::stoull(heard.output, nullptr, 16) & 0x7FFFFFFF;
    };
    CHECK(standard_signals("SigBlk") == 0);
    CHECK(standard_signals("SigIgn") == 0);
    // The fourth is ls's own, of the folder that it lists.
    CHECK(trial.run({"ls", "/proc/self/fd"}).output == "0\n1\n2\n3\n");
}

TEST_CASE("a child that has no input reads nothing") {
    Trial trial;
    const Heard heard = trial.run({"cat"});
    CHECK(heard.ending.number == 0);
    CHECK(heard.output.empty());
}

TEST_CASE("what is written to a child's stdin arrives whole, however much") {
    Trial trial;
    Started child = trial.start({"cksum"}, true);
    for (int piece = 0; piece < 64; ++piece) trial.launcher->write(child.id, std::string(100'000, 'x'));
    trial.launcher->finish_input(child.id);
    const Heard heard = child.wait();
    CHECK(heard.output.find(" 6400000") != std::string::npos);
    CHECK(heard.ending.input_taken == 6'400'000);
}

TEST_CASE("a closed stdin is told, with how much of it was read") {
    Trial trial;
    Started child =
        trial.start_script("read line; echo $line; read line; exec <&-; echo closed; exec sleep 1000", true);
    trial.launcher->write(child.id, "one\n");
    REQUIRE(child.wait_for_output("one"));
    // A shell reads a pipe byte by byte, so that it takes no more than its lines.
    trial.launcher->write(child.id, "two\nthree\n");
    CHECK(child.wait_for_closed_input() == 8);
    trial.launcher->stop(child.id, 60s);
    const Heard heard = child.wait();
    CHECK(heard.ending.number == SIGTERM);
    CHECK(heard.ending.input_taken == 8);
}

TEST_CASE("a child that ends without reading took none of its input") {
    Trial trial;
    Started child = trial.start({"sleep", "1000"}, true);
    trial.launcher->write(child.id, "never read\n");
    trial.launcher->stop(child.id, 60s);
    CHECK(child.wait().ending.input_taken == 0);
}

TEST_CASE("a child that prints 100 MB is read to its end and not kept") {
    Trial trial;
    const Heard heard = trial.run({"head", "-c", "100000000", "/dev/zero"});
    CHECK(heard.ending.number == 0);
    CHECK(heard.bytes == 100'000'000);
}

TEST_CASE("stopping a child ends its whole group") {
    Trial trial;
    Started child = trial.start_script("sleep 1000 & sleep 1000 & echo ready; wait");
    REQUIRE(child.wait_for_output("ready"));
    CHECK(trial.mark.processes().size() == 3);
    trial.launcher->stop(child.id, 5s);
    CHECK(child.wait().ending.number == SIGTERM);
    CHECK(trial.mark.processes().empty());
}

TEST_CASE("what ignores TERM is killed when the grace is over") {
    Trial trial;
    Started child = trial.start_script("trap '' TERM; echo ready; while :; do sleep 1000; done");
    REQUIRE(child.wait_for_output("ready"));
    trial.launcher->stop(child.id, 50ms);
    CHECK(child.wait().ending.number == SIGKILL);
    CHECK(trial.mark.processes().empty());
}

TEST_CASE("a stopped process hears TERM too") {
    Trial trial;
    Started child = trial.start_script("echo ready; kill -STOP $$");
    REQUIRE(child.wait_for_output("ready"));
    trial.launcher->stop(child.id, 60s);
    CHECK(child.wait().ending.number == SIGTERM);
}

TEST_CASE("what was told to end may clean up, though its leader has left") {
    Trial trial;
    Started child = trial.start_script(
        "(trap 'sleep 0.1; echo cleaned; exit' TERM; echo ready; while :; do sleep 0.02; done) & wait");
    REQUIRE(child.wait_for_output("ready"));
    trial.launcher->stop(child.id, 60s);
    CHECK(child.wait().output == "ready\ncleaned\n");
    CHECK(trial.mark.processes().empty());
}

TEST_CASE("what outlives a child in its group is killed before its end is told") {
    Trial trial;
    const Heard heard = trial.run_script("sleep 1000 & sleep 1000 & echo done");
    CHECK(heard.ending.number == 0);
    CHECK(heard.output == "done\n");
    CHECK(trial.mark.processes().empty());
}

TEST_CASE("a grandchild that holds a child's stdout does not hold its end") {
    Trial trial;
    const Heard heard = trial.run_script("setsid sleep 1000 & echo done");
    CHECK(heard.output == "done\n");
    CHECK(heard.ending.number == 0);
}

TEST_CASE("a launcher that is destroyed leaves nothing, sessions of their own included") {
    Trial trial{{.leave = 10ms, .grace = 10ms}};
    Started child = trial.start_script("trap '' TERM; sleep 1000 & setsid sleep 1000 & echo ready; wait");
    REQUIRE(child.wait_for_output("ready"));
    CHECK(trial.mark.processes().size() == 3);
    trial.launcher.reset();
    CHECK(trial.mark.processes().empty());
    CHECK(child.wait().ending.number == SIGKILL);
    CHECK(process::descendants_of(::getpid()).empty());
}

TEST_CASE("a launcher that is destroyed lets children leave whose stdin it closes") {
    Trial trial;
    Started child = trial.start_script("cat; exit 7", true);
    trial.launcher->write(child.id, "the last words\n");
    trial.launcher.reset();
    const Heard heard = child.wait();
    CHECK(heard.ending.number == 7);
    CHECK(heard.output == "the last words\n");
}
