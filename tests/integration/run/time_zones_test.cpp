// The system's time zones, as MariaDB's own tool loads them: a key of two columns, the second one often negative.

#include "counted.hpp"
#include "migration.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill;
using namespace rowmill::test;

namespace {

void make_tables(Schema& schema) {
    schema.execute(
        "CREATE TABLE time_zone (Time_zone_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
        "Use_leap_seconds CHAR(1) NOT NULL) ENGINE = InnoDB");
    schema.execute(
        "CREATE TABLE time_zone_name (Name CHAR(64) NOT NULL PRIMARY KEY, Time_zone_id INT UNSIGNED NOT NULL) "
        "ENGINE = InnoDB");
    schema.execute(
        "CREATE TABLE time_zone_transition (Time_zone_id INT UNSIGNED NOT NULL, Transition_time BIGINT NOT NULL, "
        "Transition_type_id INT UNSIGNED NOT NULL, local_time DATETIME NULL, done INT NOT NULL DEFAULT 0, "
        "PRIMARY KEY (Time_zone_id, Transition_time)) ENGINE = InnoDB");
    schema.execute(
        "CREATE TABLE time_zone_transition_type (Time_zone_id INT UNSIGNED NOT NULL, Transition_type_id INT "
        "UNSIGNED NOT NULL, `Offset` INT NOT NULL, Is_DST TINYINT NOT NULL, Abbreviation CHAR(8) NOT NULL, "
        "PRIMARY KEY (Time_zone_id, Transition_type_id)) ENGINE = InnoDB");
}

/// Of the tool's output only what fills the tables; what else it says only its own server understands.
std::vector<std::string> fillings(const std::string& script) {
    std::vector<std::string> statements;
    for (std::size_t begin = 0, end = 0; (end = script.find(";\n", begin)) != std::string::npos; begin = end + 2) {
        std::string statement = script.substr(begin, end - begin);
        if (statement.starts_with("INSERT INTO") || statement.starts_with("SET @time_zone_id"))
            statements.push_back(std::move(statement));
    }
    return statements;
}

void load(Schema& schema) {
    make_tables(schema);
    Finished tool = run_process({"mariadb-tzinfo-to-sql", "/usr/share/zoneinfo"});
    REQUIRE(!tool.output.empty());
    const std::vector<std::string> statements = fillings(tool.output);
    schema.execute("BEGIN");
    constexpr std::size_t at_once = 100;
    for (std::size_t i = 0; i < statements.size(); i += at_once)
        schema.session().execute_all(std::span{statements}.subspan(i, std::min(at_once, statements.size() - i)));
    schema.execute("COMMIT");
}

const std::string offset_of_row =
    "(SELECT y.`Offset` FROM time_zone_transition_type AS y WHERE y.Time_zone_id = "
    "TABLE.Time_zone_id AND y.Transition_type_id = TABLE.Transition_type_id)";

std::string assignments_for(const std::string& table) {
    std::string offset = offset_of_row;
    for (std::size_t at = 0; (at = offset.find("TABLE", at)) != std::string::npos;) offset.replace(at, 5, table);
    return "local_time = '1970-01-01 00:00:00' + INTERVAL (Transition_time + " + offset + ") SECOND";
}

}  // namespace

TEST_CASE("the local time of each time zone's transitions comes out as one plain UPDATE makes it, killed on the way") {
    Schema schema;
    load(schema);
    CHECK(std::stoull(schema.scalar("SELECT COUNT(*) FROM time_zone_transition")) > 30'000);
    CHECK(schema.scalar("SELECT MIN(Transition_time) < 0 FROM time_zone_transition") == "1");
    schema.execute("CREATE TABLE expected LIKE time_zone_transition");
    schema.execute("INSERT INTO expected SELECT * FROM time_zone_transition");
    schema.execute("UPDATE expected SET done = 1, " + assignments_for("expected"));
    const Migration migration{.table = "time_zone_transition",
                              .copy = "expected",
                              .same =
                                  "a.Time_zone_id = b.Time_zone_id AND a.Transition_time = b.Transition_time AND "
                                  "a.local_time = b.local_time",
                              .assignments = assignments_for("time_zone_transition")};
    check_migration(schema, migration, ":batch", 1000, 500);
    check_migration(schema, migration, ":range", 50'000, 2000);
    check_migration(schema, migration, "Time_zone_id = :Time_zone_id AND Transition_time = :Transition_time", 20'000,
                    1000);
}
