#include "counted.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill::test;

namespace {

struct Change {
    std::string what;  ///< as the refusal names it
    std::string job;
};

const std::string as_begun = Counted::job("id = :id", "where = \"n >= 0\"\ncolumns = [\"n\"]\nto = 100000\n");

std::vector<Change> changes() {
    const std::string source = "where = \"n >= 0\"\ncolumns = [\"n\"]\nto = 100000\n";
    return {{"filter", Counted::job("id = :id", "where = \"n > -1\"\ncolumns = [\"n\"]\nto = 100000\n")},
            {"columns", Counted::job("id = :id", "where = \"n >= 0\"\ncolumns = [\"code\"]\nto = 100000\n")},
            {"to was", Counted::job("id = :id", "where = \"n >= 0\"\ncolumns = [\"n\"]\n")},
            {"from is new", Counted::job("id = :id", source + "from = 7\n")},
            {"order", Counted::job("id = :id", source + "order = \"desc\"\n")},
            {"sacks", Counted::job("id = :id", source + "sacks = \"width\"\n")},
            {"statement 1", Counted::job("id = :id AND n = 0", source)},
            {"session time_zone", as_begun + "[session]\ntime_zone = \"+00:00\"\n"},
            {"table", Counted::job("id = :id", source).replace(as_begun.find("table = \"t\""), 11, "table = \"u\"")}};
}

}  // namespace

TEST_CASE("a job file that was changed under an unfinished run is refused, naming the change") {
    Counted counted;
    counted.schema.execute("CREATE TABLE u LIKE t");
    Trial trial = counted.trial(as_begun);
    counted.begin(trial);
    const std::string before = counted.counts();
    for (const Change& change : changes()) {
        CAPTURE(change.what);
        trial.set_job(change.job);
        check_end(trial.run(), "exit 2", {change.what, "--accept-changes"});
        CHECK(counted.counts() == before);
    }
    trial.set_job(as_begun);
    check_end(trial.run(), "exit 0");
    CHECK(counted.counts() == counted.each_once());
}

TEST_CASE("what says how fast a job is worked on may change under an unfinished run") {
    Counted counted;
    Trial trial = counted.trial(Counted::job());
    counted.begin(trial);
    trial.set_job(Counted::job(":batch", "", "rate = 100000\nmax_attempts = 7\n"));
    check_end(trial.run({"--batch", "7"}), "exit 0");
    CHECK(counted.counts() == counted.each_once());
}

TEST_CASE("--accept-changes goes on with the job as it is now") {
    Counted counted;
    Trial trial = counted.trial(Counted::job("id = :id"));
    counted.begin(trial);
    trial.set_job(Counted::job("id BETWEEN :lo AND :hi"));
    check_end(trial.run({"--accept-changes"}), "exit 0", {"statement 1"});
    CHECK(counted.counts() == counted.each_once());
}

TEST_CASE("a key whose collation, type or index was altered under an unfinished run is refused") {
    Counted counted;
    const Trial trial = counted.trial(Counted::job(":batch", "key_index = \"by_code\"\n"));
    counted.begin(trial);
    const std::string before = counted.counts();
    counted.schema.execute("ALTER TABLE t MODIFY code VARCHAR(30) COLLATE utf8mb4_general_ci NOT NULL");
    check_end(trial.run(), "exit 2", {"utf8mb4_bin", "utf8mb4_general_ci", "code"});
    counted.schema.execute("ALTER TABLE t MODIFY code VARBINARY(30) NOT NULL");
    check_end(trial.run(), "exit 2", {"code"});
    counted.schema.execute(
        "ALTER TABLE t MODIFY code VARCHAR(30) COLLATE utf8mb4_bin NOT NULL, DROP INDEX by_code, "
        "ADD UNIQUE INDEX by_code (code, id)");
    check_end(trial.run(), "exit 2", {"by_code"});
    CHECK(counted.counts() == before);
    counted.schema.execute("ALTER TABLE t DROP INDEX by_code, ADD UNIQUE INDEX by_code (code)");
    check_end(trial.run(), "exit 0");
    CHECK(counted.counts() == counted.each_once());
}
