#include "nightly.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace rowmill::test;

namespace {

const std::filesystem::path examples = std::filesystem::path{ROWMILL_SOURCE_DIR} / "examples";

std::string text_in(const std::filesystem::path& file) {
    return (std::ostringstream{} << std::ifstream{file}.rdbuf()).str();
}

/// A worker as a pod starts it.
std::unique_ptr<Process> start_worker(const Nightly& shop) {
    const std::string search = std::filesystem::path{rowmill_binary()}.parent_path().string() + ":/usr/local/bin:/usr/bin:/bin";
    return std::make_unique<Process>(
        std::vector<std::string>{examples / "kubernetes/work.sh", "job.toml", "--store-schema", shop.store_name()},
        ProcessOptions{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", shop.dsn()}, {"PATH", search}}, {}, shop.folder()});
}

}  // namespace

TEST_CASE("the nightly job of the examples works") {
    Nightly shop{20};
    shop.execute("ALTER TABLE orders ADD net INT NOT NULL DEFAULT 100, ADD tax INT NOT NULL DEFAULT 19, ADD total INT");
    shop.write("nightly.toml", text_in(examples / "cron/nightly-totals.toml"));
    CHECK(shop.run({"--quiet"}).how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM orders WHERE total = 119") == "20");
}

TEST_CASE("workers that start with the same command in any order work on each row once, a late one too") {
    Nightly shop{200};
    shop.write("job.toml", "[job]\nonce = true\n[source]\ntable = \"orders\"\nsettle = \"0\"\n[run]\nrate = 100\nbatch = 5\nsack_rows = 20\n" +
                               std::string{Nightly::action});
    std::vector<std::unique_ptr<Process>> workers;
    for (int i = 0; i < 4; ++i) workers.push_back(start_worker(shop));
    for (const auto& worker : workers) {
        const Finished finished = worker->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
    }
    CHECK(shop.with(1) == "200");
    const Finished late = start_worker(shop)->wait();
    CHECK(late.how() == "exit 0");
    CHECK(says(late.errors, "has succeeded"));
    CHECK(shop.with(1) == "200");
}

TEST_CASE("a worker whose container is told to stop leaves in good order, and so does one that has joined") {
    Nightly shop{200};
    shop.write("job.toml", "[job]\nonce = true\n[source]\ntable = \"orders\"\nsettle = \"0\"\n[run]\nrate = 1\nbatch = 1\nsack_rows = 20\n" +
                               std::string{Nightly::action});
    const auto first = start_worker(shop);
    REQUIRE(eventually([&] { return shop.with(1) != "0"; }));
    const auto second = start_worker(shop);
    REQUIRE(second->wait_for_output("taking part in run 1"));
    for (const auto& worker : {second.get(), first.get()}) {
        worker->send_signal(SIGTERM);
        const Finished stopped = worker->wait();
        INFO(stopped.errors);
        CHECK(stopped.how() == "exit 4");
    }
    CHECK(text_of(shop.status(), "state") == "interrupted");
    CHECK(shop.with(0) != "0");
}
