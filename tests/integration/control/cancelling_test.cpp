#include "mill.hpp"

using namespace rowmill::test;

TEST_CASE("a cancelled run ends within two seconds though rows take long, and does not come back" * doctest::test_suite("alone")) {
    Mill mill{20};
    mill.use_commands("60");
    const auto run = mill.trial.start();
    REQUIRE(eventually([&] { return mill.trial.command("status", {"1"}).succeeded() && mill.status("in_flight") == "4"; }));
    Finished cancelled;
    const double seconds = seconds_of([&] {
        cancelled = mill.tell("cancel", {"1"});
        CHECK(run->wait().how() == "exit 5");
    });
    CHECK(seconds < 4);
    CHECK(cancelled.how() == "exit 0");
    CHECK(says(cancelled.output, "run 1 is cancelled"));
    CHECK(mill.status("state") == "\"cancelled\"");
    const Finished again = mill.tell("cancel", {"1"});
    CHECK(again.how() == "exit 0");
    CHECK(says(again.output, "was cancelled already"));
    const Finished joined = mill.trial.run({"--join"});
    CHECK(joined.how() == "exit 0");
    CHECK(says(joined.errors, "nothing to take part in"));
    CHECK(says(mill.tell("resume", {"1"}).errors, "was cancelled"));
    CHECK(mill.tell("resume", {"1"}).how() == "exit 2");
    CHECK(mill.tell("retry", {"1"}).how() == "exit 2");
    CHECK(mill.tell("pause", {"1"}).how() == "exit 2");
    CHECK(mill.tell("set", {"1", "rate=5"}).how() == "exit 2");
    mill.use_commands("0");
    CHECK(mill.trial.run().how() == "exit 0");
    CHECK(mill.status("run") == "2");
    CHECK(mill.logged().size() == 20);
    CHECK(mill.schema.scalar("SELECT state FROM `" + mill.schema.store_name() + "`.runs WHERE id = 1") == "cancelled");
}

TEST_CASE("what ends within a second of the cancelling is recorded") {
    Mill mill{1000};
    mill.use_commands("0.3");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    CHECK(mill.tell("cancel", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 5");
    CHECK(mill.status("settled") == std::to_string(mill.logged().size()));
}

TEST_CASE("a process that slept while its run was cancelled holds no row locked, and changes nothing when it wakes" *
          doctest::test_suite("alone")) {
    Mill mill{1000};
    mill.use_updates();
    const auto run = mill.trial.start();
    // Of a worker's connections the store is told once a second.
    const std::string not_noted = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() "
                                  "AND NOT FIND_IN_SET(id, (SELECT connection_ids FROM `" + mill.schema.store_name() + "`.workers))";
    REQUIRE(mill.updates(10));
    REQUIRE(eventually([&] { return mill.schema.scalar(not_noted) == "0"; }));
    REQUIRE(mill.updates(mill.updated() + 10));
    suspend(run->pid());
    const Finished cancelled = mill.tell("cancel", {"1"});
    CHECK(cancelled.how() == "exit 0");
    CHECK(says(cancelled.output, "1 did not answer"));
    // What it was in the middle of holds no row locked.
    mill.schema.execute("SET SESSION innodb_lock_wait_timeout = 1");
    mill.schema.execute("UPDATE t SET n = n");
    const std::uint64_t before = mill.updated();
    run->send_signal(SIGCONT);
    CHECK(run->wait().how() == "exit 5");
    CHECK(mill.updated() == before);
    CHECK(mill.status("state") == "\"cancelled\"");
}

TEST_CASE("a run that nobody works on is cancelled at once") {
    Mill mill{60};
    mill.use_commands("0.05");
    CHECK(mill.trial.run({"--limit", "10"}).how() == "exit 4");
    const Finished cancelled = mill.tell("cancel", {"1"});
    CHECK(cancelled.how() == "exit 0");
    CHECK(says(cancelled.output, "nobody works on it"));
    CHECK(mill.status("state") == "\"cancelled\"");
}

TEST_CASE("a run that is paused can be cancelled") {
    Mill mill{1000};
    mill.use_commands("0.05");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    CHECK(mill.tell("cancel", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 5");
}
