#include "support/eventually.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <signal.h>

using namespace rowmill::test;

namespace {

const std::string source = "[source]\ntable = \"books\"\nsettle = \"0\"\n";
const std::string action = "[action]\nstatement = \"UPDATE books SET n = n + 1 WHERE id = :id\"\n";

}  // namespace

TEST_CASE("a job that is to run once says so when it has, with other parameters runs again") {
    Shop shop;
    const std::string job = "[job]\nonce = true\n[params.by]\ntype = \"integer\"\nrequired = true\n" + source +
                            "[action]\nstatement = \"UPDATE books SET n = n + :by WHERE id = :id\"\n";
    CHECK(shop.run_job(job, {"--param", "by=1"}).how() == "exit 0");
    const Finished again = shop.run_job(job, {"--param", "by=1"});
    CHECK(again.how() == "exit 0");
    CHECK(says(again.errors, "run 1 of this job has succeeded"));
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
    CHECK(shop.run_job(job, {"--param", "by=10"}).how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "220");
}

TEST_CASE("a job file or a table that has changed under an unfinished run is refused with what changed") {
    Shop shop;
    REQUIRE(shop.run_job(source + action, {"--limit", "5"}).how() == "exit 4");
    check_refusal(shop.run_job(source + "where = \"price > 3\"\n" + action),
                  {"run 1 is unfinished", "price > 3", "--accept-changes", "--restart --yes"});
    shop.execute("ALTER TABLE books MODIFY id BIGINT NOT NULL");
    check_refusal(shop.run_job(source + action), {"run 1 is unfinished", "type of id", "int", "bigint"});
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "5");
    CHECK(text_of(shop.status(), "state") == "interrupted");
}

TEST_CASE("a run that another process works on is left to it, with exit 75, and resumes at once when that is killed") {
    Shop shop{200};
    shop.write("job.toml", source + action + "[run]\nrate = 20\nbatch = 5\n");
    const ProcessOptions options{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", shop.dsn()}}, {}, shop.folder()};
    Process slow{rowmill_command({"run", "job.toml", "--store-schema", shop.store_name()}), options};
    REQUIRE(eventually([&] { return shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") != "0"; }));
    check_refusal(shop.rowmill("run", {"job.toml"}), {"run 1", "process " + std::to_string(slow.pid()), "lease"}, 75);
    const auto status = shop.status();
    CHECK(text_of(status, "state") == "running");
    const auto& workers = status.at("workers").as_array();
    REQUIRE(workers.size() == 1);
    CHECK(workers[0].as_object().at("pid") == slow.pid());
    slow.kill();
    CHECK(slow.wait().signal == SIGKILL);
    CHECK(text_of(shop.status(), "state") == "interrupted");
    const Finished resumed = shop.rowmill("run", {"job.toml", "--rate", "0"});
    INFO(resumed.errors);
    CHECK(resumed.how() == "exit 0");
    CHECK(says(resumed.errors, "resuming run 1"));
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "200");
}

TEST_CASE("a signal stops a run after the batches in flight, with exit 4 and how to go on") {
    Shop shop{200};
    shop.write("job.toml", source + action + "[run]\nrate = 20\nbatch = 5\n");
    const ProcessOptions options{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", shop.dsn()}}, {}, shop.folder()};
    for (const int signal : {SIGINT, SIGTERM}) {
        const std::string before = shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1");
        Process slow{rowmill_command({"run", "job.toml", "--store-schema", shop.store_name()}), options};
        REQUIRE(eventually([&] { return shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") != before; }));
        slow.send_signal(signal);
        const Finished stopped = slow.wait();
        INFO(stopped.errors);
        CHECK(stopped.how() == "exit 4");
        CHECK(says(stopped.errors, signal == SIGINT ? "stopped by SIGINT" : "stopped by SIGTERM"));
        CHECK(says(stopped.errors, "resume"));
        CHECK(text_of(shop.status(), "settled") == shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1"));
    }
    CHECK(shop.rowmill("run", {"job.toml", "--rate", "0"}).how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "200");
}
