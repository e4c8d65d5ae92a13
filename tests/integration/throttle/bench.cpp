#include "bench.hpp"

#include <doctest/doctest.h>

namespace rowmill::test {

void fill(db::Session& session, unsigned rows) {
    session.execute("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    std::string insert = "INSERT INTO t (id) VALUES ";
    for (unsigned id = 1; id <= rows; ++id) insert += (id == 1 ? "(" : ",(") + std::to_string(id) + ")";
    session.execute(insert);
}

std::string counting_job(const std::string& throttle, const std::string& run) {
    return "[job]\nname = \"count\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\n"
           "statement = \"UPDATE t SET n = n + 1 WHERE :batch\"\n[run]\nworkers = 1\nbatch = 20\ntarget_time = \"0\"\n" +
           run + "\n[throttle]\n" + throttle + "\n";
}

void check_command(const Trial& trial, const std::string& verb, const std::vector<std::string>& arguments) {
    const Finished finished = trial.command(verb, arguments);
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
}

Throttled::Throttled(const std::string& throttle, const std::string& run, unsigned given)
    : rows{given}, trial{schema.dsn(), schema.store_name(), counting_job(throttle, run)} {
    fill(schema.session(), rows);
}

void check_end(const Finished& finished, std::string_view how, std::initializer_list<std::string_view> parts) {
    INFO(finished.errors);
    CHECK(finished.how() == how);
    for (const std::string_view part : parts) {
        CAPTURE(part);
        CHECK(finished.errors.find(part) != std::string::npos);
    }
}

}  // namespace rowmill::test
