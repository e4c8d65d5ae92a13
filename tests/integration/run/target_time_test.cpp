#include "counted.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

using namespace rowmill::test;

namespace {

/// A table whose second half takes ten times as long by row, and a statement that writes down when it touched a row: by one worker,
/// the time from one batch to the next is a batch's.
constexpr int rows = 8'000;

Trial slow_half(Schema& schema) {
    schema.execute("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0, at DATETIME(6)) ENGINE = InnoDB");
    std::string insert = "INSERT INTO t (id) VALUES ";
    for (int id = 1; id <= rows; ++id) insert += (id == 1 ? "(" : ",(") + std::to_string(id) + ")";
    schema.execute(insert);
    // A sleep takes some 60 µs longer than it is told to.
    return Trial{schema.dsn(), schema.store_name(),
                 "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nwarnings = \"allow\"\n"
                 "statement = \"UPDATE t SET n = n + 1 + SLEEP(IF(id > " +
                     std::to_string(rows / 2) +
                     ", 0.00555, 0.0005)), at = NOW(6) WHERE :batch\"\n"
                     "[run]\nworkers = 1\nbatch = 150\ntarget_time = \"100ms\"\n"};
}

/// How long the batches took that touched these rows, in ms.
std::vector<double> batches(Schema& schema, const std::string& which) {
    schema.execute("SET SESSION group_concat_max_len = 1000000");
    std::istringstream times{schema.scalar("SELECT GROUP_CONCAT(ms ORDER BY at SEPARATOR ' ') FROM (SELECT at, MIN(id) AS first, "
                                           "TIMESTAMPDIFF(MICROSECOND, at, LEAD(at) OVER (ORDER BY at)) / 1000 AS ms FROM t GROUP BY at) AS b "
                                           "WHERE ms IS NOT NULL AND " + which)};
    return {std::istream_iterator<double>{times}, {}};
}

}  // namespace

TEST_CASE("batches settle within a fifth of target_time, in a fast half of a table as in one that is ten times as slow" *
          doctest::test_suite("alone")) {
    Schema schema;
    const Trial trial = slow_half(schema);
    check_end(trial.run(), "exit 0");
    const std::string half = std::to_string(rows / 2);
    // The size needs ten batches to settle in each half: of 150 rows at first, and of a tenth of the present size after the seam.
    for (const std::string& which : {"first > 1600 AND first < " + half + " - 200", "first > " + half + " + 600"}) {
        CAPTURE(which);
        std::vector<double> took = batches(schema, which);
        INFO(took.size(), " batches, the middle one ", took.empty() ? 0 : took[took.size() / 2]);
        REQUIRE(took.size() >= 5);
        std::sort(took.begin(), took.end());
        CHECK(took[took.size() / 2] > 80);
        CHECK(took[took.size() / 2] < 120);
    }
}
