#include "counted.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace rowmill::test;

TEST_CASE("of ids that lie side by side but for some holes, each row is changed and counted once, by :range as by :batch") {
    Counted counted{20'000};
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id IN (777, 778, 5001) OR id BETWEEN 9000 AND 11000 OR (id > 18000 AND id % 3 = 0)");
    const std::string rows = counted.schema.scalar("SELECT COUNT(*) FROM t");
    for (const std::string condition : {":range", ":batch"}) {
        CAPTURE(condition);
        counted.schema.execute("UPDATE t SET n = 0");
        Trial trial = counted.trial(Counted::job(condition));
        check_end(trial.run(), "exit 0");
        CHECK(counted.counts() == "1: " + rows);
        CHECK(text_of(trial.status(), "settled") == rows);
        CHECK(text_of(trial.status(), "succeeded") == rows);
    }
}

TEST_CASE("a limit is of rows that are there, whatever holes there are between them") {
    Counted counted{4'000};
    counted.schema.execute("UPDATE t SET id = id DIV 7 ORDER BY id");
    counted.schema.execute("DELETE FROM t WHERE id > 600 AND id % 2 = 0");
    Trial trial = counted.trial(Counted::job(":range"));
    check_end(trial.run({"--limit", "1500", "--workers", "1"}), "exit 4");
    CHECK(counted.changed() == 1500);
}
