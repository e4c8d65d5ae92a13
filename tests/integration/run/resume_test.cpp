#include "counted.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

using namespace rowmill::test;

TEST_CASE("a run that was killed goes on with another number of workers, and at once") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    counted.begin(trial);
    // The dead process's lease is an hour long.
    check_end(trial.run({"--workers", "1"}, "after-commit:10"), "signal 9", {"resuming run 1"});
    check_end(trial.run({"--workers", "7"}), "exit 0", {"resuming run 1"});
    CHECK(counted.counts() == counted.each_once());
    CHECK(text_of(trial.status(), "settled") == "4000");
}

TEST_CASE("the sacks of a killed run are used again, whatever sack_rows says later") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    counted.begin(trial);
    // By one reader: others would have them split once there is no other.
    check_end(trial.run({"--sack-rows", "77", "--workers", "1"}), "exit 0");
    CHECK(counted.counts() == counted.each_once());
    const auto sacks = trial.status().at("sacks").as_object();
    CHECK(text_of(sacks, "total") == "8");
}

TEST_CASE("--limit stops after so many rows, resumable") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    check_end(trial.run({"--limit", "1234"}), "exit 4");
    CHECK(counted.counts() == "0: 2766, 1: 1234");
    CHECK(text_of(trial.status(), "state") == "interrupted");
    CHECK(text_of(trial.status(), "settled") == "1234");
    check_end(trial.run({"--limit", "1"}), "exit 4");
    CHECK(counted.counts() == "0: 2765, 1: 1235");
    check_end(trial.run(), "exit 0", {"resuming run 1", "1235"});
    CHECK(counted.counts() == counted.each_once());
}

TEST_CASE("a finished run is done anew, unless the job says once") {
    Counted counted{500};
    Trial trial = counted.trial(Counted::job());
    check_end(trial.run(), "exit 0");
    check_end(trial.run(), "exit 0");
    CHECK(counted.counts() == "2: 500");
    trial.set_job(Counted::job(":batch", "", "", "once = true"));
    check_end(trial.run(), "exit 0", {"run 2", "succeeded", "nothing to do"});
    CHECK(counted.counts() == "2: 500");
}

TEST_CASE("--restart --yes says how much was done before it forgets it, and begins anew") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    check_end(trial.run({"--limit", "1000"}), "exit 4");
    check_end(trial.run({"--restart"}), "exit 2", {"1000 rows", "--yes"});
    CHECK(counted.counts() == "0: 3000, 1: 1000");
    check_end(trial.run({"--restart", "--yes"}), "exit 0", {"1000 rows"});
    CHECK(counted.counts() == "1: 3000, 2: 1000");
    CHECK(text_of(trial.status(), "settled") == "4000");
}

TEST_CASE("a second process says that the first one works on the run, and exits 75") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job(":batch", "", "rate = 1000\n"));
    const auto first = trial.start();
    REQUIRE(eventually([&] { return counted.changed() > 0; }));
    check_end(trial.run(), "exit 75", {"process " + std::to_string(first->pid())});
    check_end(trial.run({"--restart", "--yes"}), "exit 75");
    check_end(first->wait(), "exit 0");
    CHECK(counted.counts() == counted.each_once());
}

TEST_CASE("a checkpoint that can't be read is refused, and not taken for the beginning") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    counted.begin(trial);
    const std::string before = counted.counts();
    counted.schema.execute("UPDATE " + counted.schema.store_name() +
                           ".sacks SET low = 'garbage' WHERE state <> 'done'");
    const Finished finished = trial.run();
    check_end(finished, "exit 2", {"the stored key 'garbage'", "--restart"});
    CHECK(counted.counts() == before);
}

TEST_CASE("a dry run shows the plan, changes nothing and stores nothing") {
    Counted counted{500};
    const Trial trial = counted.trial(Counted::job());
    const Finished finished = trial.run({"--dry-run"});
    check_end(finished, "exit 0");
    CHECK(finished.output.find("UPDATE t SET n = n + 1") != std::string::npos);
    CHECK(counted.counts() == "0: 500");
    CHECK(counted.schema.scalar("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '" +
                                counted.schema.store_name() + "'") == "0");
}

TEST_CASE("a dry run beside an unfinished run leaves it as it is") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job());
    counted.begin(trial);
    const auto rows_of = [&](const std::string& table) {
        return counted.schema.scalar("CHECKSUM TABLE " + counted.schema.store_name() + "." + table);
    };
    const std::string before = counted.counts(), runs = rows_of("runs"), sacks = rows_of("sacks");
    check_end(trial.run({"--dry-run"}), "exit 0");
    CHECK(counted.counts() == before);
    CHECK(rows_of("runs") == runs);
    CHECK(rows_of("sacks") == sacks);
}

TEST_CASE("a single worker gets on with its sacks while rows may come to wait for another attempt") {
    Schema schema;
    schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, bad INT NOT NULL, CHECK (n = 0 OR bad = 0)) ENGINE = InnoDB");
    std::string insert = "INSERT INTO t VALUES (1, 0, 0)";
    for (int id = 2; id <= 500; ++id) insert += ", (" + std::to_string(id) + ", 0, " + (id == 5 || id == 50 ? "1)" : "0)");
    schema.execute(insert);
    const Trial trial{schema.dsn(), schema.store_name(),
                      "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nstatement = \"UPDATE t SET n = n + 1 WHERE :batch\"\n"
                      "[run]\nworkers = 1\nbatch = 20\nsack_rows = 100\ntarget_time = \"0\"\n"};
    check_end(trial.run({"--limit", "150"}), "exit 4");
    schema.execute("UPDATE t SET bad = 0");
    // It has taken the two dead letters up, and leaves them waiting.
    CHECK(trial.start_command("retry", {"1"}, "after-begin")->wait().how() == "signal 9");
    check_end(trial.run(), "exit 0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1") == "500");
}
