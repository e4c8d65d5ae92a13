#include "bench.hpp"
#include "support/eventually.hpp"
#include "support/replication.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned rows = 2000;

/// A primary with the table, a replica, and the job.
class Replicated {
public:
    explicit Replicated(const std::string& throttle, const std::string& run = "rate = 100") {
        primary.execute("CREATE SCHEMA shop");
        primary.execute("USE shop");
        fill(primary, rows);
        servers.catch_up();
        trial = std::make_unique<Trial>(servers.dsn("shop"), "rowmill", counting_job(throttle, run));
    }

    std::string replica() { return "127.0.0.1:" + std::to_string(servers.replica().port()); }
    std::uint64_t changed() { return std::stoull(scalar("SELECT SUM(n) FROM t")); }
    bool is_each_once() { return scalar("SELECT COUNT(*) FROM t WHERE n = 1") == std::to_string(rows); }
    std::string scalar(const std::string& sql) { return primary.query(sql).text(0, 0); }
    /// Lets the run, which was held back, go as fast as it can.
    void hurry() const { check_command(*trial, "set", {"1", "rate=0"}); }
    /// Waits until some rows are changed.
    bool is_under_way() {
        return eventually([&] { return changed() > 0; });
    }
    /// Whether no row was changed between two moments that lie a look at the store apart.
    bool stands_still() {
        const std::uint64_t before = changed();
        trial->status();
        return changed() == before;
    }

    Replication servers;
    db::Session primary{servers.primary().endpoint(), {}};
    std::unique_ptr<Trial> trial;
};

}  // namespace

TEST_CASE("a run waits within two seconds once a replica stops applying, says why, and goes on when it applies again" *
          doctest::test_suite("alone")) {
    Replicated bench{"max_lag = \"1s\""};
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    const auto stopped = std::chrono::steady_clock::now();
    bench.servers.stop_applying();
    const std::string why = "waiting: replica " + bench.replica() + ": its SQL thread does not run";
    CHECK(process->wait_for_output(why));
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - stopped);
    MESSAGE("said after " << waited.count() << " ms");
    CHECK(waited < 2s);
    CHECK(bench.stands_still());
    CHECK(bench.changed() < rows);

    SUBCASE("meanwhile it holds no transaction") {
        CHECK(bench.scalar("SELECT COUNT(*) FROM information_schema.innodb_trx") == "0");
    }
    SUBCASE("meanwhile it leaves at a signal") {
        process->send_signal(SIGTERM);
        check_end(process->wait(5s), "exit 4");
        bench.servers.start_applying();
        check_end(bench.trial->run({"--rate", "0"}), "exit 0");
        CHECK(bench.is_each_once());
        return;
    }
    bench.servers.start_applying();
    bench.hurry();
    check_end(process->wait(), "exit 0", {"waited", "lag"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a run waits for a replica that is gone, with the reason, until it is back") {
    Replicated bench{"max_lag = \"1s\""};
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    bench.servers.replica().stop();
    CHECK(process->wait_for_output("waiting: replica " + bench.replica() + ": could not connect"));
    CHECK(bench.stands_still());
    bench.servers.replica().start();
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a run goes on without a replica that is listed as ignorable") {
    Replicated bench{"max_lag = \"1s\""};
    bench.trial->set_job(counting_job("max_lag = \"1s\"\nignore_replicas = [\"" + bench.replica() + "\"]", "rate = 100"));
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    bench.servers.replica().kill();
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a run begins without a replica that is gone already and listed as ignorable") {
    Replicated bench{"max_lag = \"1s\""};
    bench.trial->set_job(counting_job("max_lag = \"1s\"\nignore_replicas = [\"" + bench.replica() + "\"]"));
    bench.servers.replica().kill();
    check_end(bench.trial->run(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a replica that does not answer holds the run, with the time") {
    Replicated bench{"max_lag = \"1s\""};
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    suspend(bench.servers.replica().pid());
    CHECK(process->wait_for_output("waiting: no answer from replica " + bench.replica() + " for "));
    CHECK(bench.stands_still());
    ::kill(bench.servers.replica().pid(), SIGCONT);
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("the second signal ends a run at once, though a replica does not answer") {
    Replicated bench{"max_lag = \"1s\""};
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    suspend(bench.servers.replica().pid());
    CHECK(process->wait_for_output("waiting: no answer from replica"));
    process->send_signal(SIGTERM);
    process->send_signal(SIGTERM);
    check_end(process->wait(6s), "exit 4");
    ::kill(bench.servers.replica().pid(), SIGCONT);
}

TEST_CASE("a replica that lags is said to, with its lag and the limit") {
    Replicated bench{"max_lag = \"1s\""};
    const auto process = bench.trial->start();
    REQUIRE(bench.is_under_way());
    db::Session replica{bench.servers.replica().endpoint(), {}};
    replica.execute("STOP SLAVE; CHANGE MASTER TO master_delay = 3; START SLAVE");
    CHECK(process->wait_for_output(" s behind (max_lag 1s)"));
    replica.execute("STOP SLAVE; CHANGE MASTER TO master_delay = 0; START SLAVE");
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a server without replicas refuses max_lag before the first row") {
    Throttled bench{"max_lag = \"1s\"", "", 10};
    check_end(bench.trial.run(), "exit 2", {"throttle.max_lag", "knows of no replica", "throttle.replicas"});
    CHECK(bench.changed() == 0);
}

TEST_CASE("replicas that the job lists are looked at, and what is no replica holds the run") {
    Throttled bench{"max_lag = \"1s\"\nreplicas = [\"" + server_dsn() + "\"]", "", 10};
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("it is no replica"));
    CHECK(bench.changed() == 0);
    process->kill();
}

TEST_CASE("a replica that refuses the run's account is found before the first row") {
    Replicated bench{"max_lag = \"1s\""};
    bench.trial->set_job(counting_job("max_lag = \"1s\"\nreplicas = [\"mysql://nobody:opensesame@" + bench.replica() + "\"]"));
    const Finished finished = bench.trial->run();
    check_end(finished, "exit 2", {"throttle.max_lag", bench.replica()});
    CHECK(finished.errors.find("opensesame") == std::string::npos);
    CHECK(bench.changed() == 0);
}

TEST_CASE("by a heartbeat table a run waits for what that says") {
    Replicated bench{"max_lag = \"30s\"\nheartbeat = \"shop.heartbeat\""};
    const std::string beat = "REPLACE INTO heartbeat (server_id, ts) SELECT @@server_id, DATE_FORMAT(UTC_TIMESTAMP(6)";
    bench.primary.execute("CREATE TABLE heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED NOT NULL PRIMARY KEY)");
    bench.primary.execute(beat + " - INTERVAL 90 SECOND, '%Y-%m-%dT%H:%i:%s.%f')");
    bench.servers.catch_up();
    const auto process = bench.trial->start({"--rate", "0"});
    CHECK(process->wait_for_output("waiting: replica " + bench.replica() + " lags 9"));
    CHECK(bench.changed() == 0);
    bench.primary.execute(beat + ", '%Y-%m-%dT%H:%i:%s.%f')");
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("a heartbeat table that there is not is found before the first row") {
    Replicated bench{"max_lag = \"1s\"\nheartbeat = \"shop.hartbeat\""};
    check_end(bench.trial->run(), "exit 2", {"throttle.heartbeat", "hartbeat"});
    CHECK(bench.changed() == 0);
}
