#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr unsigned workers = 4;

/// Rows in one tenth of the range of ids alone; each notes who worked on it, and when.
void sow_one_tenth(Schema& schema, unsigned rows) {
    schema.execute("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, who BIGINT UNSIGNED NULL, at DATETIME(6) NULL)");
    std::string insert = "INSERT INTO t (id) VALUES (1)";
    for (unsigned row = 1; row <= rows; ++row) insert += ",(" + std::to_string(9 * rows + row) + ")";
    schema.execute(insert);
}

std::string job(const std::string& sacks) {
    return "[job]\nname = \"tenth\"\n[source]\ntable = \"t\"\nsettle = \"0\"\nsacks = \"" + sacks +
           "\"\n[action]\nkind = \"sql\"\nstatement = \"UPDATE t SET who = CONNECTION_ID(), at = IF(SLEEP(0.001) = 0, SYSDATE(6), NULL) "
           "WHERE :batch\"\n[run]\nbatch = 20\ntarget_time = \"0\"\n";
}

/// For how long each of the connections was at work, since the first of them began: in seconds, ascending.
std::vector<double> seconds_at_work(Schema& schema) {
    const db::ResultSet found = schema.session().query(
        "SELECT TIMESTAMPDIFF(MICROSECOND, (SELECT MIN(at) FROM t), MAX(at)) / 1e6 AS s FROM t WHERE who IS NOT NULL GROUP BY who ORDER BY s");
    std::vector<double> seconds;
    for (std::size_t row = 0; row < found.rows.size(); ++row) seconds.push_back(std::stod(found.text(row, 0)));
    return seconds;
}

std::string list(const std::vector<double>& seconds) {
    std::string text;
    for (const double each : seconds) text += (text.empty() ? "" : ", ") + std::to_string(each);
    return text;
}

}  // namespace

TEST_CASE("four workers on rows that lie in one tenth of the range are all busy to the end" *
          doctest::test_suite("alone")) {
    Schema schema;
    sow_one_tenth(schema, 16000);
    const Trial trial{schema.dsn(), schema.store_name(), job("width")};
    CHECK(trial.run({"--workers", std::to_string(workers)}).how() == "exit 0");
    const auto seconds = seconds_at_work(schema);
    MESSAGE("at work for " << list(seconds) << " s");
    REQUIRE(seconds.size() == workers);
    CHECK(seconds.front() >= 0.9 * seconds.back());
}

TEST_CASE("four processes that share one sack are all busy to the end" * doctest::test_suite("alone")) {
    Schema schema;
    sow_one_tenth(schema, 32000);
    const Trial trial{schema.dsn(), schema.store_name(), job("rows")};
    const std::vector<std::string> flags{"--workers", "1", "--sack-rows", "1000000"};
    std::vector<std::unique_ptr<Process>> processes;
    processes.push_back(trial.start(flags));
    REQUIRE(processes.front()->wait_for_output("0%"));
    for (unsigned i = 1; i < workers; ++i) {
        std::vector<std::string> joining = flags;
        joining.emplace_back("--join");
        processes.push_back(trial.start(joining));
    }
    for (const auto& process : processes) {
        const Finished finished = process->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
    }
    const auto seconds = seconds_at_work(schema);
    MESSAGE("at work for " << list(seconds) << " s");
    REQUIRE(seconds.size() == workers);
    CHECK(seconds.front() >= 0.9 * seconds.back());
}
