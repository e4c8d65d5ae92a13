#include "counted.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill::test;

namespace {

/// Works the job, killed on the way, to its end.
void work_killed(const Trial& trial) {
    check_end(trial.run({}, "after-commit:9"), "signal 9");
    check_end(trial.run({}, "after-record:9"), "signal 9");
    check_end(trial.run(), "exit 0");
}

}  // namespace

TEST_CASE("every row is visited once in descending order, by another index, and by sacks of equal width") {
    for (const std::string source :
         {"order = \"desc\"\n", "key_index = \"by_code\"\n", "key_index = \"by_code\"\norder = \"desc\"\n",
          "sacks = \"width\"\n", "sacks = \"width\"\norder = \"desc\"\n"}) {
        for (const std::string condition : {":batch", ":range"}) {
            CAPTURE(source);
            CAPTURE(condition);
            Counted counted;
            work_killed(counted.trial(Counted::job(condition, source)));
            CHECK(counted.counts() == counted.each_once());
        }
    }
}

TEST_CASE("from and to are included, and nothing beyond them is touched") {
    for (const std::string order : {"asc", "desc"}) {
        for (const std::string condition : {"id = :id", ":range", "id BETWEEN :lo AND :hi"}) {
            CAPTURE(order);
            CAPTURE(condition);
            Counted counted;
            work_killed(counted.trial(Counted::job(condition, "from = 700\nto = 21000\norder = \"" + order + "\"\n")));
            CHECK(counted.counts() == "0: 1099, 1: 2901");
            CHECK(counted.schema.scalar("SELECT CONCAT(MIN(id), ' ', MAX(id)) FROM t WHERE n = 1") == "700 21000");
        }
    }
}

TEST_CASE("rows above the bound that was read at the start are left to the next run") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job(":range"));
    counted.begin(trial);
    counted.schema.execute("INSERT INTO t (id, code) VALUES (28001, 'a'), (1000000, 'b')");
    check_end(trial.run(), "exit 0");
    CHECK(counted.counts() == "0: 2, 1: 4000");
}

TEST_CASE("of a partitioned table the partitions named are worked on, and no other") {
    Counted counted;
    counted.schema.execute("ALTER TABLE t DROP INDEX by_code");
    counted.schema.execute(
        "ALTER TABLE t PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (7001), "
        "PARTITION middle VALUES LESS THAN (21001), PARTITION high VALUES LESS THAN MAXVALUE)");
    for (const std::string condition : {"id = :id", ":batch", ":range"}) {
        CAPTURE(condition);
        counted.schema.execute("UPDATE t SET n = 0");
        work_killed(counted.trial(Counted::job(condition, "partitions = [\"low\", \"high\"]\n")));
        CHECK(counted.schema.scalar("SELECT COUNT(*) FROM t PARTITION (low, high) WHERE n = 1") == "2000");
        CHECK(counted.schema.scalar("SELECT COUNT(*) FROM t PARTITION (middle) WHERE n = 0") == "2000");
    }
}
