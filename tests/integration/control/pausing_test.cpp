#include "mill.hpp"

#include "support/mariadb.hpp"
#include "support/tcp_proxy.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

using namespace rowmill::test;

namespace {

std::vector<unsigned> sorted(std::vector<unsigned> ids) {
    std::ranges::sort(ids);
    return ids;
}

std::vector<unsigned> all_up_to(unsigned last) {
    std::vector<unsigned> ids;
    for (unsigned id = 1; id <= last; ++id) ids.push_back(id);
    return ids;
}

/// Whether its worker has told that it leaves.
bool is_left(Mill& mill) {
    return says(mill.schema.scalar("SELECT COALESCE(MAX(report), '') FROM `" + mill.schema.store_name() + "`.workers"),
                "\"is_leaving\":true");
}

}  // namespace

TEST_CASE("a pause is taken up within two seconds while rows take long, and nothing begins until the run is resumed" *
          doctest::test_suite("alone")) {
    Mill mill{60};
    mill.use_commands("0.3", "concurrency = 2\nsack_rows = 20");
    const auto run = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.logs(4));
    Finished paused;
    CHECK(seconds_of([&] { paused = mill.tell("pause", {"1"}); }) < 2.5);
    CHECK(paused.how() == "exit 0");
    CHECK(says(paused.output, "run 1 is paused"));
    CHECK(says(paused.output, "its worker has taken it up"));
    CHECK(mill.status("state") == "\"paused\"");
    REQUIRE(eventually([&] { return mill.status("in_flight") == "0"; }));
    CHECK(says(mill.status("waiting_for"), "paused; `rowmill resume 1` goes on"));
    const auto before = mill.logged();
    const Finished again = mill.tell("pause", {"1"});
    CHECK(again.how() == "exit 0");
    CHECK(says(again.output, "run 1 is paused already"));
    CHECK(mill.trial.run().how() == "exit 75");
    CHECK(mill.logged() == before);
    const Finished resumed = mill.tell("resume", {"1"});
    CHECK(resumed.how() == "exit 0");
    CHECK(says(resumed.output, "run 1 goes on; its worker has taken it up"));
    CHECK(says(mill.tell("resume", {"1"}).output, "run 1 is running already"));
    CHECK(mill.tell("set", {"1", "concurrency=20"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 0");
    CHECK(sorted(mill.logged()) == all_up_to(60));
    CHECK(mill.status("state") == "\"succeeded\"");
    CHECK(mill.tell("pause", {"1"}).how() == "exit 2");
    CHECK(mill.tell("resume", {"1"}).how() == "exit 2");
    CHECK(mill.tell("pause", {"7"}).how() == "exit 2");
}

TEST_CASE("rows that wait for another attempt are left waiting in a pause, with the attempts they had") {
    Mill mill{4};
    mill.trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"echo {id} >> " +
                       mill.trial.folder() + "/log; exit 75\"]\n[run]\nbackoff = \"200ms..200ms\"\nmax_attempts = 1000\n"
                       "max_failures = \"100%\"\n");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(12));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    REQUIRE(eventually([&] { return mill.status("in_flight") == "0"; }));
    const auto before = mill.logged();
    const std::string attempts = mill.schema.scalar("SELECT SUM(attempts) FROM `" + mill.schema.store_name() + "`.waiting");
    // Due many times over by now: each of these looks at it again, and takes a while.
    for (int i = 0; i < 3; ++i) CHECK(mill.tell("set", {"1", "rate=" + std::to_string(1000 + i)}).how() == "exit 0");
    CHECK(mill.logged() == before);
    CHECK(mill.schema.scalar("SELECT SUM(attempts) FROM `" + mill.schema.store_name() + "`.waiting") == attempts);
    CHECK(mill.status("waiting_retry") == "4");
    CHECK(mill.tell("resume", {"1"}).how() == "exit 0");
    CHECK(mill.logs(before.size() + 8));
    CHECK(mill.tell("cancel", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 5");
}

TEST_CASE("a run that is throttled is paused and resumed, and a setting that ends the throttle takes effect" *
          doctest::test_suite("alone")) {
    Mill mill{6};
    mill.use_updates();
    const std::string flag = mill.trial.folder() + "/stop";
    std::ofstream{flag} << "x";
    const auto run = mill.trial.start({"--flag-file", flag, "--progress", "plain"});
    REQUIRE(eventually([&] { return mill.schema.scalar("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '" +
                                                       mill.schema.store_name() + "'") != "0" &&
                                    says(mill.tell("status", {}).output, "waiting"); }));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    CHECK(mill.status("state") == "\"paused\"");
    CHECK(mill.tell("resume", {"1"}).how() == "exit 0");
    CHECK(mill.status("state") == "\"running\"");
    CHECK(mill.updated() == 0);
    const double seconds = seconds_of([&] {
        CHECK(mill.tell("set", {"1", "flag_file="}).how() == "exit 0");
        CHECK(run->wait().how() == "exit 0");
    });
    CHECK(seconds < 4);
    CHECK(mill.updated() == 6);
}

TEST_CASE("a signal ends a run that is paused, which stays so until the job is run again") {
    Mill mill{60};
    mill.use_commands("0.05", "concurrency = 4\nsack_rows = 20\nrate = 5");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    run->send_signal(SIGTERM);
    const Finished stopped = run->wait();
    CHECK(stopped.how() == "exit 4");
    CHECK(says(stopped.errors, "resume 1` goes on with it"));
    CHECK(mill.status("state") == "\"paused\"");
    const Finished again = mill.trial.run({"--rate", "0", "--progress", "plain"});
    CHECK(again.how() == "exit 0");
    CHECK(says(again.errors, "resuming run 1, which was paused"));
    CHECK(sorted(mill.logged()) == all_up_to(60));
}

TEST_CASE("with --exit-on-pause a process leaves when the run is paused, and resume works the run where nobody does") {
    Mill mill{60};
    mill.use_commands("0.05", "concurrency = 4\nsack_rows = 20\nrate = 5");
    const auto run = mill.trial.start({"--exit-on-pause"});
    REQUIRE(mill.logs(4));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 4");
    CHECK(mill.status("state") == "\"paused\"");
    CHECK(says(mill.tell("pause", {"1"}).output, "nobody works on it"));
    CHECK(mill.tell("set", {"1", "rate=0"}).how() == "exit 0");
    CHECK(mill.tell("resume", {"1", "--progress", "none"}).how() == "exit 0");
    CHECK(mill.status("state") == "\"succeeded\"");
    CHECK(sorted(mill.logged()) == all_up_to(60));
}

TEST_CASE("a pause that was asked for while a worker's server was away is taken up within two seconds of its return" *
          doctest::test_suite("alone")) {
    Schema schema;  // only to know the server
    TcpProxy proxy{schema.endpoint()};
    Mill mill{300};
    mill.use_updates("rate = 20");
    mill.trial.set_dsn(dsn_with_database(proxy.dsn(), mill.schema.name()));
    const auto run = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(10));
    proxy.stop_accepting();
    proxy.cut_all();
    REQUIRE_MESSAGE(run->wait_for_output("waiting: reconnecting"), run->errors());
    mill.trial.set_dsn(mill.schema.dsn());
    const Finished paused = mill.tell("pause", {"1"});
    CHECK(paused.how() == "exit 0");
    CHECK(says(paused.output, "; its worker could not be seen to take it up yet"));
    const std::uint64_t before = mill.updated();
    proxy.accept_again();
    CHECK(seconds_of([&] { CHECK(mill.comes_to_be("paused")); }) < 2);
    CHECK(mill.updated() <= before + 6);
    CHECK(mill.tell("set", {"1", "rate=0"}).how() == "exit 0");
    CHECK(mill.tell("resume", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 0");
    CHECK(mill.updated() == 300);
}

TEST_CASE("a command waits for a server that is away as long as for a first connection, and says so with 69" *
          doctest::test_suite("alone")) {
    MariaDb server;
    server.stop();
    Finished finished;
    const double seconds = seconds_of([&] { finished = run_rowmill({"pause", "1", "--dsn", server.dsn()}); });
    CHECK(finished.how() == "exit 69");
    CHECK(seconds > 4);
    CHECK(seconds < 10);
}

TEST_CASE("a run that ends before its workers have taken up a pause is not said to be paused") {
    Mill mill{1000};
    mill.use_commands("0.1");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    suspend(run->pid());
    const std::string store = "`" + mill.schema.store_name() + "`.";
    Finished paused;
    std::jthread pausing{[&] { paused = mill.tell("pause", {"1"}); }};
    REQUIRE(eventually([&] { return mill.schema.scalar("SELECT desired_state FROM " + store + "runs") == "paused"; }));
    mill.schema.execute("UPDATE " + store + "runs SET state = 'succeeded'");
    mill.schema.execute("DELETE FROM " + store + "workers");
    pausing.join();
    run->kill();
    CHECK(paused.how() == "exit 2");
    CHECK(says(paused.errors, "run 1 has succeeded: there is nothing to pause"));
}

TEST_CASE("resume does not count on a worker that is leaving: it waits for that, and works the run itself") {
    Mill mill{24};
    mill.use_commands("2");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    REQUIRE(eventually([&] { return mill.status("in_flight") == "4"; }));
    run->send_signal(SIGTERM);
    REQUIRE(eventually([&] { return is_left(mill); }));
    CHECK(mill.tell("resume", {"1", "--progress", "none"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 4");
    CHECK(mill.status("state") == "\"succeeded\"");
    CHECK(sorted(mill.logged()) == all_up_to(24));
}

TEST_CASE("resume says with 75 that a worker takes long to leave") {
    Mill mill{24};
    mill.use_commands("$(( {id} > 4 ? 60 : 0 ))", "concurrency = 4\nsack_rows = 100");
    const auto run = mill.trial.start();
    REQUIRE(mill.logs(4));
    REQUIRE(eventually([&] { return mill.status("in_flight") == "4"; }));
    run->send_signal(SIGTERM);
    REQUIRE(eventually([&] { return is_left(mill); }));
    const Finished resumed = mill.tell("resume", {"1"});
    CHECK(resumed.how() == "exit 75");
    CHECK(says(resumed.errors, "its worker is leaving run 1"));
    run->send_signal(SIGTERM);
    CHECK(run->wait().how() == "exit 4");
}
