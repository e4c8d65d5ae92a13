#include "support/eventually.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

const std::string job =
    "[source]\ntable = \"books\"\nsettle = \"0\"\n[action]\nstatement = \"UPDATE books SET n = n + 1 WHERE id = :id\"\n";

/// A shop whose folder `hooks` holds programs.
struct HookedShop : Shop {
    using Shop::Shop;

    void hook(const std::string& event, const std::string& script) const {
        const std::filesystem::path folder = std::filesystem::path{Shop::folder()} / "hooks";
        std::filesystem::create_directory(folder);
        const std::filesystem::path path = folder / event;
        std::ofstream{path} << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    /// The hook adds a line to `told`.
    void tell(const std::string& event, const std::string& line) const { hook(event, "echo \"" + line + "\" >>told"); }
    std::string told() const {
        std::ifstream file{Shop::folder() + "/told"};
        return (std::ostringstream{} << file.rdbuf()).str();
    }
    Finished run(const std::string& more = "", std::vector<std::string> flags = {}) const {
        flags.insert(flags.end(), {"--hooks", "hooks"});
        return run_job(job + more, flags);
    }
    /// In the background, slowly, with the folder's hooks.
    std::unique_ptr<Process> start(const std::vector<std::string>& flags = {"--rate", "2", "--batch", "1"}) const {
        write("job.toml", job);
        std::vector<std::string> arguments{"run", "job.toml", "--hooks", "hooks", "--store-schema", store_name()};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        return std::make_unique<Process>(rowmill_command(arguments), options());
    }
    void ask(const std::string& verb, const std::string& state) const {
        CHECK(rowmill(verb, {"1"}).how() == "exit 0");
        CHECK(eventually([&] { return text_of(status(), "state") == state; }));
    }
    ProcessOptions options() const { return {{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", dsn()}}, {}, Shop::folder()}; }
};

}  // namespace

TEST_CASE("hooks are told that a run begins and how it ends") {
    HookedShop shop;
    const std::string line = "$ROWMILL_EVENT $ROWMILL_RUN $ROWMILL_JOB $ROWMILL_STATE $ROWMILL_SETTLED $ROWMILL_SUCCEEDED "
                             "$ROWMILL_SKIPPED $ROWMILL_FAILED $ROWMILL_DEAD_LETTERS [$ROWMILL_EXIT_CODE] $ROWMILL_REASON";
    shop.tell("run-started", line);
    shop.tell("finished", line);
    shop.tell("failed", line);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.told() == "run-started 1 job running 0 0 0 0 0 [] \nfinished 1 job succeeded 20 20 0 0 0 [0] every sack is done\n");
}

TEST_CASE("a hook is told the process, its host and the server") {
    HookedShop shop;
    shop.tell("finished", "$ROWMILL_PID|$ROWMILL_HOST|$ROWMILL_SERVER");
    shop.write("job.toml", job + "[hooks]\ndirectory = \"hooks\"\n");
    Process run{rowmill_command({"run", "job.toml", "--store-schema", shop.store_name()}), shop.options()};
    CHECK(run.wait().how() == "exit 0");
    const std::string told = shop.told();
    INFO(told);
    CHECK(told.starts_with(std::to_string(run.pid()) + "|"));
    CHECK(!says(told, "||"));
    CHECK(says(told, text_of(shop.status(), "server")));
}

TEST_CASE("run-started that exits with another code than 0 forbids the run before its first row") {
    HookedShop shop;
    shop.hook("run-started", "echo 'not on'; echo holidays >&2; exit 3");
    shop.tell("finished", "$ROWMILL_STATE $ROWMILL_EXIT_CODE $ROWMILL_REASON");
    const Finished forbidden = shop.run();
    INFO(forbidden.errors);
    CHECK(forbidden.how() == "exit 4");
    CHECK(says(forbidden.errors, "the hook run-started forbids it (exit code 3): not on; holidays"));
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
    CHECK(text_of(shop.status(), "state") == "interrupted");
    CHECK(shop.told().starts_with("interrupted 4 the hook run-started forbids it"));
    shop.hook("run-started", "exit 0");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
}

TEST_CASE("failed is told where the run fails, and finished is not") {
    HookedShop shop;
    shop.execute("UPDATE books SET price = 99.5 WHERE id = 3");
    shop.tell("failed", "$ROWMILL_EVENT $ROWMILL_STATE $ROWMILL_EXIT_CODE $ROWMILL_REASON");
    shop.tell("finished", "$ROWMILL_EVENT");
    const std::string failing = "[source]\ntable = \"books\"\nsettle = \"0\"\n[run]\nmax_failures = 0\n"
                                "[action]\nstatement = \"UPDATE books SET price = price + 1 WHERE id = :id\"\n";
    CHECK(shop.run_job(failing, {"--hooks", "hooks"}).how() == "exit 1");
    INFO(shop.told());
    CHECK(shop.told().starts_with("failed failed 1 too many items failed"));
    CHECK(!says(shop.told(), "finished"));
}

TEST_CASE("a hook that fails is noted and stops nothing") {
    HookedShop shop;
    shop.hook("finished", "echo no mail today >&2; exit 7");
    const Finished run = shop.run();
    CHECK(run.how() == "exit 0");
    CHECK(says(run.errors, "the hook finished has failed with exit code 7: no mail today"));
}

TEST_CASE("a hook that hangs is ended with its children at its time, and stops nothing") {
    HookedShop shop;
    shop.hook("run-started", "sleep 1000 & echo $! >child; wait");
    const Finished run = shop.run("[hooks]\ndirectory = \"hooks\"\ntimeout = \"2s\"\n");
    INFO(run.errors);
    CHECK(run.how() == "exit 0");
    CHECK(says(run.errors, "the hook run-started was ended after 2s (hooks.timeout)"));
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
    pid_t child = 0;
    std::ifstream{shop.folder() + "/child"} >> child;
    REQUIRE(child > 0);
    CHECK(::kill(child, 0) != 0);
}

TEST_CASE("a run that is told to stop does not wait for run-started") {
    HookedShop shop;
    shop.hook("run-started", "echo begun >told; exec sleep 1000");
    shop.tell("finished", "finished $ROWMILL_EXIT_CODE");
    const auto run = shop.start({});
    REQUIRE(eventually([&] { return shop.told() == "begun\n"; }));
    run->send_signal(SIGTERM);
    CHECK(run->wait(20s).how() == "exit 4");
    CHECK(shop.told() == "begun\nfinished 4\n");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
}

TEST_CASE("a run that is told twice to stop does not wait for a hook") {
    HookedShop shop;
    shop.hook("finished", "echo begun >told; exec sleep 1000");
    const auto run = shop.start({});
    REQUIRE(eventually([&] { return shop.told() == "begun\n"; }));
    run->send_signal(SIGTERM);
    run->send_signal(SIGINT);
    CHECK(run->wait(20s).how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
}

TEST_CASE("paused and resumed are told when the run pauses and goes on") {
    HookedShop shop{60};
    shop.tell("paused", "$ROWMILL_EVENT $ROWMILL_STATE $ROWMILL_RUN");
    shop.tell("resumed", "$ROWMILL_EVENT $ROWMILL_STATE $ROWMILL_RUN");
    const auto run = shop.start();
    REQUIRE(eventually([&] { return shop.scalar("SELECT SUM(n) FROM books") != "0"; }));
    shop.ask("pause", "paused");
    CHECK(eventually([&] { return shop.told() == "paused paused 1\n"; }));
    shop.ask("resume", "running");
    CHECK(eventually([&] { return shop.told() == "paused paused 1\nresumed running 1\n"; }));
    CHECK(shop.rowmill("set", {"1", "rate=0"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 0");
}

TEST_CASE("of events that come faster than their program is done only the newest waits") {
    HookedShop shop{200};
    shop.hook("paused", "echo begun >>told; until [ -e go ]; do sleep 0.02; done; echo done >>told");
    const auto run = shop.start();
    REQUIRE(eventually([&] { return shop.scalar("SELECT SUM(n) FROM books") != "0"; }));
    for (int i = 0; i < 3; ++i) {
        shop.ask("pause", "paused");
        shop.ask("resume", "running");
    }
    shop.write("go", "");
    CHECK(eventually([&] { return shop.told() == "begun\ndone\nbegun\ndone\n"; }));
    CHECK(shop.rowmill("cancel", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 5");
    CHECK(shop.told() == "begun\ndone\nbegun\ndone\n");
}

TEST_CASE("throttled is told with the reason") {
    HookedShop shop;
    shop.write("stop", "");
    shop.tell("throttled", "$ROWMILL_EVENT $ROWMILL_REASON");
    const auto run = shop.start({"--flag-file", shop.folder() + "/stop"});
    CHECK(eventually([&] { return says(shop.told(), "throttled ") && says(shop.told(), "/stop"); }));
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
    std::filesystem::remove(shop.folder() + "/stop");
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
}

TEST_CASE("a folder of hooks that can't be used is found before the first row") {
    HookedShop shop;
    check_refusal(shop.run_job(job, {"--hooks", "nowhere"}), {"nowhere is not a folder"});
    shop.hook("finished", "true");
    std::filesystem::permissions(shop.folder() + "/hooks/finished", std::filesystem::perms::owner_read);
    check_refusal(shop.run(), {"hooks/finished can't be executed", "chmod +x"});
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
}

TEST_CASE("a program that is named almost like an event is pointed at") {
    HookedShop shop;
    shop.hook("finnished", "true");
    const Finished run = shop.run();
    CHECK(run.how() == "exit 0");
    CHECK(says(run.errors, "hooks/finnished is named after no event; did you mean finished?"));
}
