// A job that chooses partitions changes rows of those alone, whatever the statement goes by.

#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// Invoices 1 … 40, the even ones in the partition p0; half of each partition are open.
void make_invoices(Workbench& bench, const std::string& filter) {
    bench.schema().execute(
        "CREATE TABLE invoices (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0, state VARCHAR(9) NOT NULL)"
        " ENGINE = InnoDB PARTITION BY HASH (id) PARTITIONS 2");
    std::string rows;
    for (int id = 1; id <= 40; ++id)
        rows += (id == 1 ? "(" : ", (") + std::to_string(id) + (id % 4 < 2 ? ", 'open')" : ", 'closed')");
    bench.schema().execute("INSERT INTO invoices (id, state) VALUES " + rows);
    bench.use("invoices", filter);
    bench.use_partitions({"p0"});
}

/// A batch as a run makes it: its rows, or only where it begins and ends.
engine::Batch first_batch(Workbench& bench, const action::SqlPlan& plan, bool as_stretch) {
    const table::Range range{{Value::integer(3)}, {Value::integer(20)}};
    engine::Batch batch;
    batch.items = table::read_items(bench.session(), *plan.selection, range);
    batch.count = batch.items.size();
    if (as_stretch) batch.items = {};
    batch.after = range.after;
    batch.upto = range.upto;
    return batch;
}

void check_partition_alone(const std::string& statement, const std::string& filter, std::optional<bool> lock,
                           bool as_stretch) {
    CAPTURE(statement);
    CAPTURE(filter);
    CAPTURE(lock.value_or(false));
    CAPTURE(as_stretch);
    Workbench bench;
    make_invoices(bench, filter);
    job::Job job = bench.job({statement});
    job.action.lock = lock;
    const auto plan = bench.prepare(job);
    const Came came = bench.work(plan, first_batch(bench, *plan, as_stretch));
    REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
    CHECK(bench.list("SELECT id FROM invoices WHERE n = 1 ORDER BY id") ==
          (filter.empty() ? "4 6 8 10 12 14 16 18 20" : "4 8 12 16 20"));
    CHECK(bench.schema().scalar("SELECT COUNT(*) FROM invoices WHERE n > 1") == "0");
}

}  // namespace

TEST_CASE("rows of other partitions than the chosen ones are left alone, in every form") {
    for (const std::string condition : {"id = :id", "id = :id AND RAND() >= 0", ":batch", ":batch AND :filter",
                                        "id IN (:ids)", "id BETWEEN :lo AND :hi AND :filter", ":range"}) {
        for (const std::string filter : {"", "state = 'open'"}) {
            for (const std::optional<bool> lock : {std::optional<bool>{}, {false}, {true}})
                check_partition_alone("UPDATE invoices SET n = n + 1 WHERE " + condition, filter, lock, false);
        }
    }
}

TEST_CASE("a stretch of a run that chooses partitions holds their rows alone") {
    for (const std::string filter : {"", "state = 'open'"}) {
        check_partition_alone("UPDATE invoices SET n = n + 1 WHERE :range", filter, {}, true);
    }
}
