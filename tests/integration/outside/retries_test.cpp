// Attempts, waiting and dead letters of rows whose work is done by a command.

#include "bench.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

using namespace rowmill;
using test::Works;

namespace {

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a row that asks for another attempt gets it, under the same token, and the run ends when it is done") {
    Works works{20, "echo \"$ROWMILL_KEY $ROWMILL_ATTEMPT $ROWMILL_TOKEN\" >> $LOG\n"
                    "[ $ROWMILL_KEY = 7 ] && [ $ROWMILL_ATTEMPT -lt 4 ] && exit 75\nexit 0"};
    const test::Finished finished = works.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    const auto lines = works.log();
    CHECK(lines.size() == 23);
    std::set<std::string> tokens, attempts, all_tokens;
    for (const std::string& line : lines) {
        all_tokens.insert(line.substr(line.rfind(' ')));
        if (!line.starts_with("7 ")) continue;
        attempts.insert(line.substr(2, 1));
        tokens.insert(line.substr(line.rfind(' ')));
    }
    CHECK(attempts == std::set<std::string>{"1", "2", "3", "4"});
    CHECK(tokens.size() == 1);
    CHECK(all_tokens.size() == 20);
    CHECK(works.stored("COUNT(*)", "waiting") == "0");
    CHECK(works.trial().status().at("succeeded").to_number<int>() == 20);
}

TEST_CASE("a row whose attempts are used up becomes a dead letter, with its class, its reason and how often it was tried") {
    Works works{10, "[ $ROWMILL_KEY = 3 ] || exit 0\necho \"$ROWMILL_ATTEMPT\" >> $LOG\necho 'no luck' >&2\nexit 75",
                "max_attempts = 3\n"};
    const test::Finished finished = works.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 3");
    CHECK(works.log() == std::vector<std::string>{"1", "2", "3"});
    const std::string letters = works.command("failures", {"1", "--json"}).output;
    CHECK(says(letters, "\"attempts\":3"));
    CHECK(says(letters, "no luck"));
    CHECK(says(letters, "\"key\":[\"3\"]"));
    CHECK(works.trial().status().at("failed").to_number<int>() == 1);
}

TEST_CASE("exit codes say what became of a row: 0 done, 64 skipped, others failed with the last line of stderr") {
    Works works{4, "case $ROWMILL_KEY in 2) exit 64;; 3) echo alpha >&2; echo omega >&2; exit 9;; 4) kill -9 $$;; esac"};
    const test::Finished finished = works.run();
    CHECK(finished.how() == "exit 3");
    const auto status = works.trial().status();
    CHECK(status.at("succeeded").to_number<int>() == 1);
    CHECK(status.at("skipped").to_number<int>() == 1);
    CHECK(status.at("failed").to_number<int>() == 2);
    const std::string letters = works.command("failures", {"1", "--json"}).output;
    CHECK(says(letters, "\"class\":\"exit 9\""));
    CHECK(says(letters, "omega"));
    CHECK_FALSE(says(letters, "alpha"));
    CHECK(says(letters, "\"class\":\"signal "));
}

TEST_CASE("retry tries the dead letters of one class again and leaves the others alone") {
    Works works{9, "echo $ROWMILL_KEY >> $LOG\ncase $ROWMILL_KEY in 2|4) exit 1;; 6) exit 2;; esac"};
    CHECK(works.run().how() == "exit 3");
    const std::size_t before = works.log().size();
    works.set_script("echo again $ROWMILL_KEY >> $LOG");
    const test::Finished retried = works.command("retry", {"1", "--class", "exit 1"});
    INFO(retried.errors);
    CHECK(retried.how() == "exit 3");  // one of the other class is left
    const auto lines = works.log();
    CHECK(std::set<std::string>(lines.begin() + static_cast<std::ptrdiff_t>(before), lines.end()) ==
          std::set<std::string>{"again 2", "again 4"});
    CHECK(works.stored("COUNT(*)", "dead_letters") == "1");
    CHECK(works.trial().status().at("succeeded").to_number<int>() == 8);
    CHECK(works.trial().status().at("failed").to_number<int>() == 1);
    CHECK(works.command("retry", {"1", "--key", "6"}).how() == "exit 0");
    CHECK(works.stored("COUNT(*)", "dead_letters") == "0");
    CHECK(works.trial().status().at("succeeded").to_number<int>() == 9);
    CHECK(works.trial().status().at("state").as_string() == "succeeded");
}

TEST_CASE("who joins a run whose dead letters are just being taken up does not close it over them") {
    Works works{9, "[ $ROWMILL_KEY = 5 ] && exit 1\nexit 0"};
    CHECK(works.run().how() == "exit 3");
    works.set_script("echo $ROWMILL_KEY >> $LOG");
    const std::string store = works.scalar("SELECT CONCAT(DATABASE(), '_store')");
    const auto is_executing = [&](const std::string& what) {
        return works.scalar("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%" + store + "%" + what +
                            "%' AND id <> CONNECTION_ID()") != "0";
    };
    works.execute("BEGIN");
    works.execute("SELECT id FROM " + store + ".dead_letters FOR UPDATE");
    const auto retrying = works.trial().start_command("retry", {"1"});
    CHECK(test::eventually([&] { return is_executing("dead_letters%FOR UPDATE"); }));
    const auto joining = works.trial().start({"--join"});
    CHECK(test::eventually([&] { return is_executing("runs`%`state` = ''running''"); }));
    works.execute("ROLLBACK");
    for (const auto& process : {retrying.get(), joining.get()}) {
        const test::Finished finished = process->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
    }
    CHECK(works.log() == std::vector<std::string>{"5"});
    CHECK(works.trial().status().at("state").as_string() == "succeeded");
    CHECK(works.stored("COUNT(*)", "dead_letters") == "0");
    CHECK(works.stored("COUNT(*)", "waiting") == "0");
}

TEST_CASE("a second retry with nothing left says so and exits 0") {
    Works works{3, "[ $ROWMILL_KEY = 2 ] && exit 1\nexit 0"};
    CHECK(works.run().how() == "exit 3");
    works.set_script("echo $ROWMILL_KEY >> $LOG");
    CHECK(works.command("retry", {"1"}).how() == "exit 0");
    const test::Finished second = works.command("retry", {"1"});
    CHECK(second.how() == "exit 0");
    CHECK(says(second.errors, "nothing to try again"));
    CHECK(works.log() == std::vector<std::string>{"2"});
}

TEST_CASE("a retried row that fails again is a dead letter again, and one that is gone by then is a skip") {
    Works works{5, "case $ROWMILL_KEY in 2|3) echo \"try $ROWMILL_ATTEMPT\" >&2; exit 1;; esac"};
    CHECK(works.run().how() == "exit 3");
    works.execute("DELETE FROM t WHERE id = 3");
    CHECK(works.command("retry", {"1"}).how() == "exit 3");
    const auto status = works.trial().status();
    CHECK(status.at("succeeded").to_number<int>() == 3);
    CHECK(status.at("skipped").to_number<int>() == 1);
    CHECK(status.at("failed").to_number<int>() == 1);
    CHECK(status.at("dead_letters").to_number<int>() == 1);
}

TEST_CASE("rows that wait for another attempt when the run is stopped get it when it goes on, with their attempts counted") {
    Works works{30, "echo \"$ROWMILL_KEY $ROWMILL_ATTEMPT\" >> $LOG\n[ $ROWMILL_KEY -le 5 ] && exit 75\nexit 0",
                "max_attempts = 3\n"};
    const auto process = works.trial().start({"--backoff", "1h..1h"});
    REQUIRE(test::eventually([&] { return works.log().size() >= 30; }));
    process->send_signal(SIGTERM);
    const test::Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 4");
    CHECK(works.trial().status().at("waiting_retry").to_number<int>() == 5);  // full jitter of an hour: none comes at once
    CHECK(works.trial().status().at("percent").to_number<double>() < 84);
    works.execute("UPDATE " + works.scalar("SELECT CONCAT(DATABASE(), '_store')") + ".waiting SET due_at = UTC_TIMESTAMP(6)");
    CHECK(works.run({"--backoff", "1ms..2ms"}).how() == "exit 3");
    const auto counted = works.counted();
    for (int key = 1; key <= 5; ++key) {
        CAPTURE(key);
        CHECK(counted.contains(std::to_string(key) + " 3"));
        CHECK_FALSE(counted.contains(std::to_string(key) + " 4"));
    }
    CHECK(works.trial().status().at("failed").to_number<int>() == 5);
}

TEST_CASE("a row past its time is killed and tried again, its slot free when it is gone") {
    Works works{6, "echo \"$ROWMILL_KEY $ROWMILL_ATTEMPT\" >> $LOG\n[ $ROWMILL_KEY = 4 ] && [ $ROWMILL_ATTEMPT = 1 ] && sleep 1000\nexit 0",
                "timeout = \"2s\"\nconcurrency = 2\n"};
    const test::Finished finished = works.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(works.counted().at("4 2") == 1);
    CHECK(works.trial().status().at("succeeded").to_number<int>() == 6);
}

TEST_CASE("a dead letter of a statement is retried exactly once, like any other row") {
    test::Schema schema;
    schema.execute("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0, code INT NULL UNIQUE)");
    schema.execute("INSERT INTO t (id) SELECT 1 + a.i + 10 * b.i FROM (SELECT 0 AS i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 "
                   "UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS a, "
                   "(SELECT 0 AS i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3) AS b");
    schema.execute("UPDATE t SET code = 1000 WHERE id = 40");
    const test::Trial trial{schema.dsn(), schema.store_name(),
                            "[job]\nname = \"codes\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"sql\"\n"
                            "statement = \"UPDATE t SET n = n + 1, code = IF(id IN (3, 8), 1000, -id) WHERE id = :id\"\n"
                            "[run]\nmax_failures = 100\nbatch = 10\n"};
    CHECK(trial.run().how() == "exit 3");
    // Row 40 has given the code free by now: one of the two can have it.
    const test::Finished retried = trial.command("retry", {"1"});
    INFO(retried.errors);
    CHECK(retried.how() == "exit 3");
    CHECK(schema.scalar("SELECT SUM(n) FROM t") == "39");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1") == "39");
    schema.execute("UPDATE t SET code = NULL WHERE code = 1000");
    CHECK(trial.command("retry", {"1"}).how() == "exit 0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1") == "40");
    CHECK(trial.status().at("succeeded").to_number<int>() == 40);
}

TEST_CASE("a row that kills rowmill at each attempt uses its attempts up, and is a dead letter then") {
    Works works{2, "echo \"$ROWMILL_KEY $ROWMILL_ATTEMPT\" >> $LOG\n[ $ROWMILL_KEY = 1 ] || exit 0\n"
                   "[ $ROWMILL_ATTEMPT = 1 ] && exit 75\nsleep 1000",
                "max_attempts = 3\n"};
    for (const char* attempt : {"1 2", "1 3"}) {
        const auto process = works.trial().start();
        REQUIRE(test::eventually([&] { return works.counted().contains(attempt); }));
        process->kill();
        process->wait();
    }
    const test::Finished finished = works.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 3");
    auto counted = works.counted();
    counted.erase("2 1");  // again where the first kill came before it was recorded
    CHECK(counted == std::map<std::string, unsigned>{{"1 1", 1}, {"1 2", 1}, {"1 3", 1}});
    CHECK(says(works.command("failures", {"1"}).output, "its worker was gone before the last of 3 attempts"));
}

TEST_CASE("a row whose claim has run out while it was worked on is not begun again by the same process") {
    Works works{1, "echo \"try $ROWMILL_ATTEMPT\" >> $LOG\n[ $ROWMILL_ATTEMPT = 1 ] && exit 75\n"
                   "while [ ! -e $LOG.go ]; do sleep 0.02; done"};
    const auto process = works.trial().start();
    REQUIRE(test::eventually([&] { return works.log().size() == 2; }));
    const std::string waiting = works.scalar("SELECT CONCAT(DATABASE(), '_store')") + ".waiting";
    const auto claim = [&] { return works.scalar("SELECT token FROM " + waiting); };
    const std::string first = claim();
    works.execute("UPDATE " + waiting + " SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND");
    CHECK(test::eventually([&] { return claim() != first; }));
    std::ofstream{works.trial().folder() + "/log.go"}.close();
    const test::Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(works.log() == std::vector<std::string>{"try 1", "try 2"});
    CHECK(works.stored("COUNT(*)", "waiting") == "0");
    CHECK(works.trial().status().at("succeeded").to_number<int>() == 1);
}

TEST_CASE("while dead letters are taken up their run shows as running, and its job can't be begun beside it") {
    constexpr int rows = 510;  // more than are moved at once
    // A letter is held for as long as a run takes to be refused, on a machine that is busy with else.
    Works works{rows, "[ -e $LOG.go ] || exit 1", "[session]\ninnodb_lock_wait_timeout = \"60s\"\n"};
    CHECK(works.run({"--progress", "none"}).how() == "exit 3");
    std::ofstream{works.trial().folder() + "/log.go"}.close();
    works.execute("BEGIN");
    const std::string letters = works.scalar("SELECT CONCAT(DATABASE(), '_store')") + ".dead_letters";
    works.scalar("SELECT id FROM " + letters + " ORDER BY id DESC LIMIT 1 FOR UPDATE");
    test::Finished retried;
    {
        const std::jthread retry{[&] { retried = works.command("retry", {"1"}); }};
        CHECK(test::eventually([&] { return works.trial().status().at("waiting_retry").to_number<int>() == 500; }));
        CHECK(works.trial().status().at("state").as_string() == "running");
        CHECK(works.run().how() == "exit 75");
        works.execute("COMMIT");
    }
    INFO(retried.errors);
    CHECK(retried.how() == "exit 0");
    CHECK(works.trial().status().at("succeeded").to_number<int>() == rows);
    CHECK(works.stored("COUNT(*)", "runs") == "1");
}

TEST_CASE("retrying the dead letters of a statement between two keys leaves the rows between them alone") {
    test::Schema schema;
    schema.execute("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0, small TINYINT NULL)");
    schema.execute("INSERT INTO t (id) VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)");
    const auto job = [](const std::string& small) {
        return "[job]\nname = \"between\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"sql\"\nstatement = \""
               "UPDATE t SET n = n + 1, small = " + small + " WHERE id BETWEEN :lo AND :hi\"\n[run]\nmax_failures = 100\n";
    };
    const test::Trial trial{schema.dsn(), schema.store_name(), job("IF(id IN (2, 9), 1000, 1)")};
    CHECK(trial.run().how() == "exit 3");
    trial.set_job(job("1"));
    // Whichever comes first.
    schema.execute("UPDATE " + schema.store_name() + ".dead_letters SET id = 100 - id ORDER BY id DESC");
    const test::Finished retried = trial.command("retry", {"1", "--accept-changes"});
    INFO(retried.errors);
    CHECK(retried.how() == "exit 0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1") == "10");
    CHECK(trial.status().at("succeeded").to_number<int>() == 10);
}

TEST_CASE("a command that is not there is found before the run begins") {
    Works works{3, "exit 0"};
    std::filesystem::remove(works.trial().folder() + "/work.sh");
    const test::Finished finished = works.run();
    CHECK(finished.how() == "exit 2");
    CHECK(says(finished.errors, "there is no such command"));
}
