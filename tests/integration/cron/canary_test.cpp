#include "support/eventually.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <string>

using namespace rowmill::test;

namespace {

const std::string sql = "[source]\ntable = \"books\"\nsettle = \"0\"\n[run]\nsack_rows = 50\n"
                        "[action]\nstatement = \"UPDATE books SET n = n + 1 WHERE :batch\"\n";
const std::string exec = "[source]\ntable = \"books\"\nsettle = \"0\"\n[run]\nsack_rows = 50\nconcurrency = 4\n"
                         "[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"echo $0 >>done\", \"{id}\"]\n";

struct CanaryShop : Shop {
    using Shop::Shop;

    std::unique_ptr<Process> start(const std::string& job, std::vector<std::string> flags) const {
        write("job.toml", job);
        std::vector<std::string> arguments{"run", "job.toml", "--store-schema", store_name()};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        return std::make_unique<Process>(rowmill_command(arguments),
                                         ProcessOptions{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", dsn()}}, {}, folder()});
    }
    /// How many rows have been worked on so many times.
    std::string with(unsigned times) { return scalar("SELECT COUNT(*) FROM books WHERE n = " + std::to_string(times)); }
    /// In how many tenths of the range some row has been worked on.
    std::string tenths_with(unsigned times) {
        return scalar("SELECT COUNT(DISTINCT (id - 1) DIV 100) FROM books WHERE n = " + std::to_string(times));
    }
    std::multiset<int> executed() const {
        std::ifstream file{folder() + "/done"};
        std::multiset<int> ids;
        for (int id = 0; file >> id;) ids.insert(id);
        return ids;
    }
};

}  // namespace

TEST_CASE("a canary works so many rows over the whole range, then pauses until it is resumed") {
    CanaryShop shop{1000};
    const auto run = shop.start(sql, {"--canary", "40"});
    REQUIRE(run->wait_for_output("canary: 40 rows are done, in 20 places over the whole range"));
    REQUIRE(eventually([&] { return text_of(shop.status(), "state") == "paused"; }));
    CHECK(shop.with(1) == "40");
    CHECK(shop.tenths_with(1) == "10");
    CHECK(says(run->errors(), "`rowmill resume 1` goes on"));
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("a canary that leaves where it is paused is resumed by another process") {
    CanaryShop shop{1000};
    const Finished canary = shop.run_job(sql, {"--canary", "7", "--exit-on-pause"});
    INFO(canary.errors);
    CHECK(canary.how() == "exit 4");
    CHECK(shop.with(1) == "7");
    CHECK(text_of(shop.status(), "state") == "paused");
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("the same canary again works on no further row") {
    CanaryShop shop{1000};
    REQUIRE(shop.run_job(sql, {"--canary", "20", "--exit-on-pause"}).how() == "exit 4");
    CHECK(shop.run_job(sql, {"--canary", "20", "--exit-on-pause"}).how() == "exit 4");
    CHECK(shop.with(1) == "20");
    CHECK(shop.run_job(sql, {"--canary", "30", "--exit-on-pause"}).how() == "exit 4");
    CHECK(shop.with(1) == "30");
    CHECK(shop.run_job(sql).how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("the rows of a canary are those that match the filter") {
    CanaryShop shop{1000};
    const std::string filtered = "[source]\ntable = \"books\"\nsettle = \"0\"\nwhere = \"id % 10 = 0\"\n[run]\nsack_rows = 50\n"
                                 "[action]\nstatement = \"UPDATE books SET n = n + 1 WHERE :batch\"\n";
    REQUIRE(shop.run_job(filtered, {"--canary", "20", "--exit-on-pause"}).how() == "exit 4");
    CHECK(shop.with(1) == "20");
    CHECK(shop.tenths_with(1) == "10");
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(shop.with(1) == "100");
}

TEST_CASE("a table that has no more rows than its canary is done at once") {
    CanaryShop shop{30};
    CHECK(shop.run_job(sql, {"--canary", "40"}).how() == "exit 0");
    CHECK(shop.with(1) == "30");
}

TEST_CASE("a canary of commands executes each of its rows once, and the others after the resume") {
    CanaryShop shop{200};
    const Finished canary = shop.run_job(exec, {"--canary", "8", "--exit-on-pause"});
    INFO(canary.errors);
    CHECK(canary.how() == "exit 4");
    const auto first = shop.executed();
    CHECK(first.size() == 8);
    CHECK(*first.begin() <= 50);
    CHECK(*first.rbegin() > 150);
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    const auto all = shop.executed();
    CHECK(all.size() == 200);
    CHECK(std::set<int>(all.begin(), all.end()).size() == 200);
}

TEST_CASE("a canary that is killed goes on as a canary") {
    CanaryShop shop{1000};
    const auto killed = shop.start(sql, {"--canary", "60", "--rate", "10", "--batch", "1"});
    REQUIRE(eventually([&] { return shop.with(1) != "0"; }));
    killed->kill();
    killed->wait();
    CHECK(shop.with(1) != "60");
    const Finished resumed = shop.run_job(sql, {"--exit-on-pause"});
    INFO(resumed.errors);
    CHECK(resumed.how() == "exit 4");
    CHECK(says(resumed.errors, "60 succeeded, 0 skipped, 0 failed"));
    CHECK(shop.with(1) == "60");
    CHECK(text_of(shop.status(), "state") == "paused");
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("who joins while a canary is on waits for it, and works after the resume") {
    CanaryShop shop{1000};
    const auto canary = shop.start(sql, {"--canary", "60", "--rate", "10", "--batch", "1"});
    REQUIRE(eventually([&] { return shop.with(1) != "0"; }));
    const auto joined = shop.start(sql, {"--join"});
    REQUIRE(joined->wait_for_output("taking part in run 1"));
    REQUIRE(canary->wait_for_output("canary: 60 rows are done"));
    CHECK(shop.with(1) == "60");
    REQUIRE(joined->wait_for_output("run 1 is paused"));
    CHECK(shop.with(1) == "60");
    CHECK(shop.rowmill("set", {"1", "rate=0"}).how() == "exit 0");
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(joined->wait().how() == "exit 0");
    CHECK(canary->wait().how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("who joins a paused run begins no row before it is resumed") {
    CanaryShop shop{1000};
    REQUIRE(shop.run_job(sql, {"--canary", "20", "--exit-on-pause"}).how() == "exit 4");
    const auto joined = shop.start(sql, {"--join"});
    REQUIRE(joined->wait_for_output("run 1 is paused"));
    CHECK(shop.with(1) == "20");
    CHECK(shop.rowmill("resume", {"1"}).how() == "exit 0");
    CHECK(joined->wait().how() == "exit 0");
    CHECK(shop.with(1) == "1000");
}

TEST_CASE("a canary of no row, and one for who joins, are refused") {
    const CanaryShop shop{3};
    CHECK(shop.run_job(sql, {"--canary", "0"}).how() == "exit 2");
    check_refusal(shop.run_job(sql, {"--canary", "5", "--join"}), {"--canary", "joins"});
}
