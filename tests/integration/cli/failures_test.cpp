#include "support/shop.hpp"

#include <doctest/doctest.h>

using namespace rowmill::test;

namespace {

/// A run with dead letters of its own, whatever they failed with.
struct Failures : Shop {
    Failures() {
        REQUIRE(run_job("[source]\ntable = \"books\"\n[action]\nstatement = \"UPDATE books SET n = 1 WHERE :range\"\n")
                    .how() == "exit 0");
    }
    void add(const std::string& id, const std::string& error_class, const std::string& reason = "'it broke'",
             const std::string& first_at = "'2024-02-29 01:02:03'") {
        execute("INSERT INTO `" + store_name() +
                "`.dead_letters (run_id, sack_id, item_key, attempts, error_class, reason, first_at, last_at) VALUES "
                "(1, 1, 'integer:" +
                std::to_string(id.size()) + ":" + id + ",', 5, '" + error_class + "', " + reason + ", " + first_at +
                ", '2024-02-29 01:05:00')");
    }
    std::string text(std::vector<std::string> flags = {}) {
        flags.insert(flags.begin(), "1");
        const Finished finished = rowmill("failures", flags);
        CHECK(finished.how() == "exit 0");
        return finished.output;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Failures, "failures as text ends in how many there are of each class, the most frequent first") {
    CHECK(text() == "no dead letters\n");
    add("1", "exit 1");
    add("2", "1062");
    add("3", "exit 1");
    add("4", "exit 1");
    add("5", "1062");
    CHECK(text().ends_with("\n3 of class exit 1, 2 of class 1062\n"));
    CHECK(text({"--class", "1062"}).ends_with("\n2 of class 1062\n"));
    CHECK(text({"--class", "timeout"}) == "no dead letters\n");
    CHECK_FALSE(says(text({"--json"}), " of class "));
    CHECK_FALSE(says(text({"--csv"}), " of class "));
}

TEST_CASE_FIXTURE(Failures, "of many classes the rarest are summed up") {
    for (int i = 10; i < 22; ++i) add(std::to_string(i), "exit " + std::to_string(i));
    add("1", "exit 12");
    CHECK(says(text(), "\n2 of class exit 12, 1 of class exit 10"));
    CHECK(text().ends_with(", 1 of class exit 19, 2 of other classes\n"));
}

TEST_CASE_FIXTURE(Failures, "failures tells when an item first failed, and when for the last time") {
    add("1", "exit 1");
    CHECK(says(text(), "1  [exit 1, 5 attempts, 2024-02-29T01:02:03Z to 2024-02-29T01:05:00Z]"));
    add("2", "exit 1", "'once'", "'2024-02-29 01:05:00'");
    CHECK(says(text(), "2  [exit 1, 5 attempts, 2024-02-29T01:05:00Z]\n    once\n"));
}

TEST_CASE_FIXTURE(Failures, "what a command wrote cannot drive the terminal that failures is read on") {
    add("1", "x", "CONCAT('red', CHAR(27), '[31m', CHAR(10), 'next')");
    CHECK_FALSE(says(text(), "\x1b"));
    CHECK(says(text(), "[31m next"));
}

TEST_CASE("a run store of an earlier version is told from none, with what to do") {
    Shop shop;
    REQUIRE(shop.rowmill("init").how() == "exit 0");
    shop.execute("DELETE FROM `" + shop.store_name() + "`.schema_migrations WHERE version = 2");
    check_refusal(shop.rowmill("status"), {"made by an earlier rowmill", "rowmill init"});
    check_refusal(shop.rowmill("failures", {"1"}), {"made by an earlier rowmill"});
    CHECK(says(shop.rowmill("init").output, "applied 0002-retries"));
    CHECK(shop.run_job("[source]\ntable = \"books\"\n[action]\nstatement = \"UPDATE books SET n = 1 WHERE :range\"\n")
              .how() == "exit 0");
}
