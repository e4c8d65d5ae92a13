#include "migration.hpp"

#include "counted.hpp"

#include <doctest/doctest.h>

namespace rowmill::test {

void check_migration(Schema& schema, const Migration& migration, const std::string& condition, std::uint64_t sack_rows,
                     std::uint64_t batch) {
    CAPTURE(condition);
    CAPTURE(sack_rows);
    CAPTURE(batch);
    const std::string rows = schema.scalar("SELECT COUNT(*) FROM " + migration.table);
    schema.execute("UPDATE " + migration.table + " SET done = 0 WHERE done <> 0");
    const Trial trial{schema.dsn(), schema.store_name(),
                      "[source]\ntable = \"" + migration.table +
                          "\"\nsettle = \"0\"\n[action]\nstatement = \"\"\"UPDATE " + migration.table + " SET " +
                          migration.assignments + ", done = done + 1 WHERE " + condition +
                          "\"\"\"\n[run]\nworkers = 3\nsack_rows = " + std::to_string(sack_rows) +
                          "\nbatch = " + std::to_string(batch) + "\n"};
    check_end(trial.run({}, "after-commit:7"), "signal 9");
    check_end(trial.run({}, "commit-sent:5"), "signal 9");
    check_end(trial.run(), "exit 0", {"resuming run"});
    CHECK(text_of(trial.status(), "settled") == rows);
    CHECK(schema.scalar("SELECT COUNT(*) FROM " + migration.table + " AS a JOIN " + migration.copy + " AS b ON " +
                        migration.same + " AND a.done = b.done") == rows);
}

}  // namespace rowmill::test
