#include "counted.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace rowmill::test;

namespace {

/// Ids that lie side by side but for some holes.
void renumber(Counted& counted) {
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id IN (777, 778, 5001) OR id BETWEEN 9000 AND 11000 OR (id > 18000 AND id % 3 = 0)");
}

/// Every form that goes by a batch, and the one by row that is made one.
const std::vector<std::string> conditions{":range", ":batch", "id IN (:ids)", "id BETWEEN :lo AND :hi", "id = :id"};

}  // namespace

TEST_CASE("of ids that lie side by side but for some holes each row is changed once, and counted once") {
    Counted counted{20'000};
    renumber(counted);
    const std::string rows = counted.schema.scalar("SELECT COUNT(*) FROM t");
    for (const std::string& condition : conditions) {
        CAPTURE(condition);
        counted.schema.execute("UPDATE t SET n = 0");
        Trial trial = counted.trial(Counted::job(condition));
        check_end(trial.run(), "exit 0");
        CHECK(counted.counts() == "1: " + rows);
        CHECK(text_of(trial.status(), "settled") == rows);
        CHECK(text_of(trial.status(), "succeeded") == rows);
    }
}

TEST_CASE("rows between holes that a statement's own condition passes over are skipped, and those that it deletes were there") {
    Counted counted{20'000};
    renumber(counted);
    const std::string rows = counted.schema.scalar("SELECT COUNT(*) FROM t");
    const std::string odd = counted.schema.scalar("SELECT COUNT(*) FROM t WHERE id % 2 = 1");
    Trial updating = counted.trial(Counted::job("id IN (:ids) AND id % 2 = 1"));
    check_end(updating.run(), "exit 0");
    CHECK(text_of(updating.status(), "settled") == rows);
    CHECK(text_of(updating.status(), "succeeded") == odd);
    Trial deleting = counted.trial("[job]\nname = \"purge\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"sql\"\n"
                                   "statement = \"DELETE FROM t WHERE id IN (:ids) AND id % 2 = 1\"\n[run]\nbatch = 50\n");
    check_end(deleting.run(), "exit 0");
    CHECK(text_of(deleting.status(), "settled") == rows);
    CHECK(text_of(deleting.status(), "succeeded") == odd);
}

TEST_CASE("a row that fails among ids that lie side by side becomes a dead letter, and no key without a row does") {
    Counted counted{4'000};
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id > 400 AND id % 5 = 0");
    counted.schema.execute("ALTER TABLE t ADD CONSTRAINT c CHECK (n = 0 OR id NOT IN (333, 1234, 3501))");
    const std::string rows = counted.schema.scalar("SELECT COUNT(*) FROM t");
    for (const std::string& condition : conditions) {
        CAPTURE(condition);
        counted.schema.execute("UPDATE t SET n = 0");
        Trial trial = counted.trial(Counted::job(condition));
        check_end(trial.run(), "exit 3");
        CHECK(counted.counts() == "0: 3, 1: " + std::to_string(std::stoi(rows) - 3));
        CHECK(text_of(trial.status(), "settled") == rows);
        CHECK(text_of(trial.status(), "failed") == "3");
    }
}

TEST_CASE("a limit is of rows that are there, whatever holes there are between them") {
    Counted counted{4'000};
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id > 600 AND id % 2 = 0");
    for (const std::string& condition : conditions) {
        CAPTURE(condition);
        counted.schema.execute("UPDATE t SET n = 0");
        Trial trial = counted.trial(Counted::job(condition));
        check_end(trial.run({"--limit", "1500", "--workers", "1"}), "exit 4");
        CHECK(counted.changed() == 1500);
        check_end(trial.run(), "exit 0");
        CHECK(counted.changed() == 2300);
    }
}

TEST_CASE("what is made of all rows of a stretch is made of none that has no rows") {
    Counted counted{2'000};
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id BETWEEN 500 AND 1500");
    counted.schema.execute("CREATE TABLE totals (id INT PRIMARY KEY, ids BIGINT)");
    counted.schema.execute("INSERT INTO totals VALUES (1, 0)");
    Trial trial = counted.trial("[job]\nname = \"total\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"sql\"\n"
                                "statement = \"UPDATE totals SET ids = ids + (SELECT SUM(id) FROM t WHERE :range)\"\n"
                                "[run]\nbatch = 50\n");
    check_end(trial.run(), "exit 0");
    CHECK(counted.schema.scalar("SELECT ids FROM totals") == counted.schema.scalar("SELECT SUM(id) FROM t"));
}
