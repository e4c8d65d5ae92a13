#include "db/setup.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;

namespace {

bool sets(const db::SessionSettings& settings, const std::string& statement) {
    const auto statements = db::setup_statements(settings);
    return std::find(statements.begin(), statements.end(), statement) != statements.end();
}

}  // namespace

TEST_CASE("each setting becomes a statement") {
    db::SessionSettings settings;
    settings.isolation = "read-committed";
    settings.time_zone = "Europe/Paris";
    settings.sql_mode = "ANSI";
    settings.lock_wait_timeout = std::chrono::seconds{30};
    settings.innodb_lock_wait_timeout = std::chrono::seconds{5};
    settings.set = {{"sort_buffer_size", "1048576"}, {"optimizer_switch", "mrr='on"}};
    CHECK(sets(settings, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
    CHECK(sets(settings, "SET SESSION time_zone = 'Europe/Paris'"));
    CHECK(sets(settings, "SET SESSION sql_mode = 'ANSI'"));
    CHECK(sets(settings, "SET SESSION lock_wait_timeout = 30"));
    CHECK(sets(settings, "SET SESSION innodb_lock_wait_timeout = 5"));
    CHECK(sets(settings, "SET SESSION sort_buffer_size = 1048576"));
    CHECK(sets(settings, "SET SESSION optimizer_switch = 'mrr=''on'"));
}

TEST_CASE("nothing is set of what was not asked for") {
    for (const auto& statement : db::setup_statements({})) {
        CAPTURE(statement);
        CHECK(statement.find("sql_mode") == std::string::npos);
        CHECK(statement.find("ISOLATION") == std::string::npos);
    }
}

TEST_CASE("a name or a value that could become SQL is refused") {
    db::SessionSettings settings;
    settings.set = {{"a = 1; DROP TABLE t", "1"}};
    CHECK_THROWS_AS(db::setup_statements(settings), Error);
    settings.set = {{"tmp", "\\' , autocommit = 0"}};
    CHECK_THROWS_AS(db::setup_statements(settings), Error);
    settings.set.clear();
    settings.isolation = "SNAPSHOT";
    CHECK_THROWS_AS(db::setup_statements(settings), Error);
}
