#include "counted.hpp"

#include "support/eventually.hpp"

#include <doctest/doctest.h>

namespace rowmill::test {

Counted::Counted(std::uint64_t given) : rows{given} {
    schema.execute(
        "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, code VARCHAR(30) COLLATE utf8mb4_bin NOT NULL, "
        "n INT NOT NULL DEFAULT 0, UNIQUE KEY by_code (code)) ENGINE = InnoDB");
    std::string insert = "INSERT INTO t (id, code) VALUES ";
    for (std::uint64_t i = 1; i <= rows; ++i) {
        const std::string id = std::to_string(i * 7);
        insert += (i == 1 ? "(" : ",(") + id + ",'" + std::string{id.rbegin(), id.rend()} + "')";
    }
    schema.execute(insert);
}

std::string Counted::job(const std::string& condition, const std::string& source, const std::string& run,
                         const std::string& job) {
    return "[job]\nname = \"count\"\n" + job + "\n[source]\ntable = \"t\"\nsettle = \"0\"\n" + source +
           "\n[action]\nkind = \"sql\"\nstatement = \"UPDATE t SET n = n + 1 WHERE " + condition +
           "\"\n[run]\nworkers = 3\nbatch = 50\ntarget_time = \"0\"\nsack_rows = 500\nlease = \"1h\"\n" + run;
}

std::string Counted::counts() {
    return schema.scalar(
        "SELECT GROUP_CONCAT(n, ': ', c ORDER BY n SEPARATOR ', ') FROM "
        "(SELECT n, COUNT(*) AS c FROM t GROUP BY n) AS counted");
}

std::uint64_t Counted::changed() {
    return std::stoull(schema.scalar("SELECT SUM(n) FROM t"));
}

void Counted::begin(const Trial& trial) {
    const Finished finished = trial.run({}, "after-commit:20");
    INFO(finished.errors);
    CHECK(finished.how() == "signal 9");
    // What the other workers had sent by then is still done.
    const char* sessions = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    CHECK(eventually([&] { return schema.scalar(sessions) == "0"; }));
    CHECK(changed() > 0);
    CHECK(changed() < rows);
}

void check_end(const Finished& finished, std::string_view how, std::initializer_list<std::string_view> parts) {
    INFO(finished.errors);
    CHECK(finished.how() == how);
    for (const std::string_view part : parts) {
        CAPTURE(part);
        CHECK(finished.errors.find(part) != std::string::npos);
    }
}

std::string text_of(const boost::json::object& status, std::string_view name) {
    const boost::json::value& value = status.at(name);
    return value.is_string() ? std::string{value.as_string()} : boost::json::serialize(value);
}

}  // namespace rowmill::test
