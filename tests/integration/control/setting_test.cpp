#include "mill.hpp"

using namespace rowmill::test;

TEST_CASE("a rate that is set takes effect within two seconds") {
    Mill mill{300};
    mill.use_updates("rate = 3");
    const auto run = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    const double seconds = seconds_of([&] {
        const Finished set = mill.tell("set", {"1", "rate=0"});
        CHECK(set.how() == "exit 0");
        CHECK(says(set.output, "run 1 has rate=0 from now on; its worker has taken it up"));
        CHECK(run->wait().how() == "exit 0");
    });
    CHECK(seconds < 20);  // at three a second it would be a hundred
    CHECK(says(run->errors(), "settings changed: rate=0"));
}

TEST_CASE("concurrency that is set takes effect while rows take long") {
    Mill mill{120};
    mill.use_held_commands("concurrency = 1\nsack_rows = 20");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(1));
    CHECK(mill.tell("set", {"1", "concurrency=40"}).how() == "exit 0");
    CHECK(eventually([&] { return mill.status("in_flight") == "40"; }));
    mill.let_go();
    CHECK(run->wait().how() == "exit 0");
    CHECK(mill.logged().size() == 120);
}

TEST_CASE("what is set stays with the run when it goes on, but for what a flag says") {
    Mill mill{60};
    mill.use_commands("0.05");
    CHECK(mill.trial.run({"--limit", "10"}).how() == "exit 4");
    const Finished set = mill.tell("set", {"1", "rate=1000", "concurrency=2"});
    CHECK(set.how() == "exit 0");
    CHECK(says(set.output, "nobody works on it now"));
    CHECK(mill.tell("set", {"1", "rate=2000"}).how() == "exit 0");
    const Finished first = mill.trial.run({"--limit", "10", "--progress", "plain"});
    CHECK(says(first.errors, "as set while the run was on: concurrency=2 rate=2000"));
    const Finished second = mill.trial.run({"--rate", "0", "--progress", "plain"});
    CHECK(second.how() == "exit 0");
    CHECK(says(second.errors, "as set while the run was on: concurrency=2\n"));
}

TEST_CASE("what a flag has won over can be set again") {
    Mill mill{300};
    mill.use_updates();
    CHECK(mill.trial.run({"--limit", "3"}).how() == "exit 4");
    CHECK(mill.tell("set", {"1", "rate=1000"}).how() == "exit 0");
    const auto run = mill.trial.start({"--rate", "1", "--progress", "plain"});
    REQUIRE(mill.updates(5));
    const double seconds = seconds_of([&] {
        CHECK(mill.tell("set", {"1", "rate=1000"}).how() == "exit 0");
        CHECK(run->wait().how() == "exit 0");
    });
    CHECK(seconds < 60);  // at one a second it would be five minutes
    CHECK(says(run->errors(), "settings changed: rate=1000"));
}

TEST_CASE("a setting that can't be is refused before it is stored") {
    Mill mill{20};
    mill.use_commands("0.05");
    CHECK(mill.trial.run({"--limit", "10"}).how() == "exit 4");
    const auto check_refused = [&](const std::string& setting, const std::string& part) {
        CAPTURE(setting);
        const Finished set = mill.tell("set", {"1", setting});
        CHECK(set.how() == "exit 2");
        CHECK_MESSAGE(says(set.errors, part), set.errors);
    };
    check_refused("rate=fast", "rate");
    check_refused("concurency=3", "did you mean \"concurrency\"");
    check_refused("workers=3", "workers");
    check_refused("rate", "KEY=VALUE");
    check_refused("window=25:00-26:00", "window");
    check_refused("max_load=Threads_runing=3", "threads_running");
    CHECK(mill.tell("set", {"9", "rate=3"}).how() == "exit 2");
    CHECK(mill.tell("set", {"1"}).how() == "exit 2");
    CHECK(mill.schema.scalar("SELECT COALESCE(live_settings, '') FROM `" + mill.schema.store_name() + "`.runs") == "");
}

TEST_CASE("status --watch appends a line a second where it is no terminal, and ends with the run") {
    Mill mill{40};
    mill.use_commands("0.6");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    const Finished watched = mill.tell("status", {"1", "--watch"});
    CHECK(watched.how() == "exit 0");
    CHECK(says(watched.output, "in flight"));
    CHECK(says(watched.output, "settled 40 of 40 (100%)"));
    CHECK(run->wait().how() == "exit 0");
}
