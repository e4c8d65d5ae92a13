#include "mill.hpp"

#include <fstream>

using namespace rowmill::test;

namespace {

std::unique_ptr<Process> join(const Mill& mill) {
    auto joined = mill.trial.start({"--join", "--progress", "plain"});
    REQUIRE(joined->wait_for_output("taking part in run 1"));
    return joined;
}

std::size_t workers_of(const Mill& mill) { return mill.trial.status().at("workers").as_array().size(); }

}  // namespace

TEST_CASE("processes that join share a run, tell of the whole of it, and end as it does") {
    Mill mill{300};
    mill.use_updates("rate = 5");  // a minute, until the others are there
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    CHECK(mill.tell("pause", {"1"}).how() == "exit 0");
    const auto second = join(mill), third = join(mill);
    CHECK(workers_of(mill) == 3);
    CHECK(says(mill.trial.run().errors, "--join takes part in it"));
    CHECK(mill.tell("set", {"1", "rate=0"}).how() == "exit 0");
    CHECK(mill.tell("resume", {"1"}).how() == "exit 0");
    for (const auto& process : {first.get(), second.get(), third.get()}) {
        const Finished finished = process->wait();
        CHECK(finished.how() == "exit 0");
        CHECK(says(finished.errors, "settled      300 of 300 (100%)"));
    }
    CHECK(says(third->errors(), "rows by this process"));
    CHECK(mill.schema.scalar("SELECT COUNT(*) FROM t WHERE n <> 1") == "0");
    CHECK(mill.status("state") == "\"succeeded\"");
    CHECK(workers_of(mill) == 0);
}

TEST_CASE("who joins waits for a transaction that has locked the run's row, longer than one wait for a lock takes") {
    Mill mill{300};
    mill.use_updates("rate = 5\n[session]\ninnodb_lock_wait_timeout = \"1s\"");
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    rowmill::db::Session& other = mill.schema.session();
    other.execute("BEGIN");
    other.query("SELECT id FROM " + mill.schema.store_name() + ".runs WHERE id = 1 FOR UPDATE");
    const auto second = mill.trial.start({"--join", "--progress", "plain"});
    rowmill::db::Session observer{server_endpoint(), {}};
    const std::string waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%" + mill.schema.store_name() +
                              "%SET `state` = ''running''%' AND id <> CONNECTION_ID()";
    REQUIRE(eventually([&] { return observer.query(waits).text(0, 0) == "1"; }));
    const auto began = std::chrono::steady_clock::now();
    REQUIRE(eventually([&] { return std::chrono::steady_clock::now() - began > std::chrono::milliseconds{2500}; }));
    other.execute("ROLLBACK");
    CHECK(second->wait_for_output("taking part in run 1"));
    CHECK(mill.tell("set", {"1", "rate=0"}).how() == "exit 0");
    for (const auto& process : {first.get(), second.get()}) CHECK(process->wait().how() == "exit 0");
    CHECK(mill.schema.scalar("SELECT COUNT(*) FROM t WHERE n <> 1") == "0");
}

TEST_CASE("who joins where no run is unfinished says so, and begins none") {
    Mill mill{20};
    mill.use_updates();
    const Finished none = mill.trial.run({"--join"});
    CHECK(none.how() == "exit 0");
    CHECK(says(none.errors, "nothing to take part in"));
    CHECK(mill.tell("status", {}).how() == "exit 2");
    CHECK(mill.trial.run().how() == "exit 0");
    CHECK(mill.trial.run({"--join"}).how() == "exit 0");
    CHECK(mill.updated() == 20);
}

TEST_CASE("a worker that leaves lets the others go on, and the last to leave interrupts the run") {
    Mill mill{300};
    mill.use_updates("rate = 5");
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    const auto second = join(mill);
    first->send_signal(SIGTERM);
    CHECK(first->wait().how() == "exit 4");
    CHECK(says(first->errors(), "the run's other workers go on with it"));
    CHECK(mill.status("state") == "\"running\"");
    CHECK(mill.schema.scalar("SELECT state FROM `" + mill.schema.store_name() + "`.runs") == "running");
    second->send_signal(SIGTERM);
    CHECK(second->wait().how() == "exit 4");
    CHECK(mill.schema.scalar("SELECT state FROM `" + mill.schema.store_name() + "`.runs") == "interrupted");
    const Finished rejoined = mill.trial.run({"--join", "--rate", "0"});
    CHECK(rejoined.how() == "exit 0");
    CHECK(mill.schema.scalar("SELECT COUNT(*) FROM t WHERE n <> 1") == "0");
}

TEST_CASE("a run whose workers were all killed shows as interrupted") {
    Mill mill{300};
    mill.use_updates("rate = 5");
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    const auto second = join(mill);
    first->kill();
    first->wait();
    CHECK(mill.status("state") == "\"running\"");
    second->kill();
    second->wait();
    CHECK(mill.status("state") == "\"interrupted\"");
    CHECK(mill.trial.run({"--rate", "5000"}).how() == "exit 0");
    CHECK(mill.schema.scalar("SELECT COUNT(*) FROM t WHERE n <> 1") == "0");
}

TEST_CASE("a pause and a cancelling are taken up by every worker") {
    Mill mill{5000};
    mill.use_updates();
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.updates(3));
    const auto second = join(mill);
    CHECK(says(mill.tell("pause", {"1"}).output, "its 2 workers have taken it up"));
    REQUIRE(eventually([&] { return mill.status("in_flight") == "0"; }));
    const std::uint64_t before = mill.updated();
    CHECK(says(mill.tell("set", {"1", "rate=5000"}).output, "its 2 workers have taken it up"));
    CHECK(mill.updated() == before);
    const auto third = join(mill);
    REQUIRE(eventually([&] { return workers_of(mill) == 3; }));
    CHECK(says(mill.tell("pause", {"1"}).output, "its 3 workers have taken it up"));
    CHECK(mill.updated() == before);
    CHECK(mill.status("state") == "\"paused\"");
    CHECK(says(mill.tell("resume", {"1"}).output, "its 3 workers have taken it up"));
    REQUIRE(mill.updates(before + 3));
    CHECK(says(mill.tell("cancel", {"1"}).output, "its 3 workers"));
    for (const auto& process : {first.get(), second.get(), third.get()}) CHECK(process->wait().how() == "exit 5");
}

TEST_CASE("what one worker has failed ends the others with the same state, and the name of the culprit") {
    Mill mill{3000};
    mill.trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"sleep 0.1; echo {id} "
                       ">> " + mill.trial.folder() + "/log; test ! -e " + mill.trial.folder() +
                       "/bad\"]\n[run]\nconcurrency = 2\nsack_rows = 20\nmax_failures = 3\n");
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.logs(2));
    const auto second = join(mill);
    REQUIRE(eventually([&] { return workers_of(mill) == 2; }));
    std::ofstream{mill.trial.folder() + "/bad"} << "x";
    const Finished one = first->wait(), other = second->wait();
    CHECK(one.how() == "exit 1");
    CHECK(other.how() == "exit 1");
    CHECK(says(one.errors + other.errors, "too many items failed"));
    CHECK(mill.status("state") == "\"failed\"");
    const Finished late = mill.trial.run({"--join"});
    CHECK(late.how() == "exit 1");
    CHECK(says(late.errors, "run 1 has failed"));
}

TEST_CASE("failures are counted over all workers") {
    Mill mill{200};
    // Every tenth row fails, some 5 % by each of two workers' own count until one alone has had ten.
    mill.trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"sleep 0.2; echo {id} >> " +
                       mill.trial.folder() + "/log; test $(( {id} % 10 )) -ne 0\"]\n[run]\nconcurrency = 2\nsack_rows = 10\n"
                       "max_failures = 14\nmax_attempts = 1\n");
    const auto first = mill.trial.start({"--progress", "plain"});
    REQUIRE(mill.logs(1));
    const auto second = join(mill);
    CHECK(first->wait().how() == "exit 1");
    CHECK(second->wait().how() == "exit 1");
    CHECK(mill.logged().size() < 200);
}
