#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// Forty invoices with gaps between their ids: 3, 6 … 120.
void make_invoices(Workbench& bench) {
    bench.schema().execute(
        "CREATE TABLE invoices (id INT PRIMARY KEY, net INT NOT NULL, total INT NOT NULL DEFAULT 0,"
        " n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    std::string rows;
    for (int i = 1; i <= 40; ++i)
        rows += (i == 1 ? "(" : ", (") + std::to_string(3 * i) + ", " + std::to_string(i) + ")";
    bench.schema().execute("INSERT INTO invoices (id, net) VALUES " + rows);
    bench.use("invoices");
}

const char* const changed_once = "SELECT id FROM invoices WHERE n = 1 ORDER BY id";
const char* const changed_more = "SELECT COUNT(*) FROM invoices WHERE n > 1";

}  // namespace

TEST_CASE("each placeholder's form changes exactly the batch's rows, once") {
    const std::vector<std::string> statements{
        "UPDATE invoices SET n = n + 1 WHERE id = :id",
        "UPDATE invoices SET n = n + 1, total = :net * 2 WHERE id = :id",
        "UPDATE invoices SET n = n + 1 WHERE id = :id AND RAND() >= 0",
        "UPDATE invoices SET n = n + 1 WHERE :batch",
        "UPDATE invoices SET n = n + 1 WHERE id IN (:ids)",
        "UPDATE invoices SET n = n + 1 WHERE id BETWEEN :lo AND :hi",
        "UPDATE invoices SET n = n + 1 WHERE :range",
    };
    for (const bool lock : {false, true}) {
        for (const std::string& statement : statements) {
            CAPTURE(statement);
            CAPTURE(lock);
            Workbench bench;
            make_invoices(bench);
            job::Job job = bench.job({statement});
            job.action.lock = lock;
            const Came came = bench.run(job, "id BETWEEN 30 AND 45");
            REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
            CHECK(came.outcome->skipped == 0);
            CHECK(came.outcome->named.empty());
            CHECK(bench.list(changed_once) == "30 33 36 39 42 45");
            CHECK(bench.schema().scalar(changed_more) == "0");
        }
    }
}

TEST_CASE("a row's values reach its own row, however the executions are sent") {
    for (const std::string condition : {"id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        Workbench bench;
        make_invoices(bench);
        const Came came = bench.run(bench.job({"UPDATE invoices SET total = :net * 10 + :id WHERE " + condition}));
        REQUIRE(came.outcome.has_value());
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM invoices WHERE total = net * 10 + id") == "40");
    }
}

TEST_CASE("a stretch without items changes its rows and counts them") {
    Workbench bench;
    make_invoices(bench);
    bench.use("invoices", "net <> 12");
    const auto plan = bench.prepare(bench.job({"UPDATE invoices SET n = n + 1 WHERE :range"}));
    REQUIRE(plan->stretches_only());
    engine::Batch batch;
    batch.count = 100;
    batch.after = {Value::integer(30)};
    batch.upto = {Value::integer(42)};
    const Came came = bench.work(plan, batch);
    REQUIRE(came.outcome.has_value());
    CHECK(came.outcome->counted == 3);
    CHECK(bench.list(changed_once) == "33 39 42");
}

TEST_CASE("a stretch copied by INSERT … SELECT is counted too") {
    Workbench bench;
    make_invoices(bench);
    bench.schema().execute("CREATE TABLE copies (id INT PRIMARY KEY, run BIGINT) ENGINE = InnoDB");
    const auto plan = bench.prepare(bench.job({"INSERT INTO copies SELECT id, :run_id FROM invoices WHERE :range"}));
    engine::Batch batch;
    batch.count = 5;
    batch.upto = {Value::integer(9)};
    const Came came = bench.work(plan, batch);
    REQUIRE(came.outcome.has_value());
    CHECK(came.outcome->counted == 3);
    CHECK(bench.list("SELECT CONCAT(id, '/', run) FROM copies ORDER BY id") == "3/7 6/7 9/7");
}

TEST_CASE("in descending order :lo and :hi still enclose the batch") {
    Workbench bench;
    make_invoices(bench);
    bench.use("invoices", "", true);
    const Came came =
        bench.run(bench.job({"UPDATE invoices SET n = n + 1 WHERE id BETWEEN :lo AND :hi"}), "id BETWEEN 60 AND 66");
    REQUIRE(came.outcome.has_value());
    CHECK(bench.list(changed_once) == "60 63 66");
}

TEST_CASE("several statements of a row are executed before those of the next row") {
    Workbench bench;
    make_invoices(bench);
    bench.schema().execute("CREATE TABLE log (seq INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20)) ENGINE = InnoDB");
    const Came came = bench.run(bench.job({"INSERT INTO log (what) VALUES (CONCAT('a', :id))",
                                           "INSERT INTO log (what) VALUES (CONCAT('b', :id))"}),
                                "id < 8");
    REQUIRE(came.outcome.has_value());
    CHECK(bench.list("SELECT what FROM log ORDER BY seq") == "a3 b3 a6 b6");
}

TEST_CASE("statements of a batch and of rows are executed in the job's order") {
    Workbench bench;
    make_invoices(bench);
    const Came came = bench.run(
        bench.job({"UPDATE invoices SET n = 5 WHERE :batch", "UPDATE invoices SET total = n + :net WHERE id = :id",
                   "UPDATE invoices SET n = 0 WHERE id IN (:ids)"}),
        "id < 8");
    REQUIRE(came.outcome.has_value());
    CHECK(bench.list("SELECT CONCAT(n, '/', total) FROM invoices WHERE id < 10 ORDER BY id") == "0/6 0/7 0/0");
}

TEST_CASE("a batch of thousands of row executions is sent whole") {
    Workbench bench;
    bench.schema().execute(
        "CREATE TABLE invoices (id INT AUTO_INCREMENT PRIMARY KEY, net INT, n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    bench.schema().execute("INSERT INTO invoices (net) VALUES (1)");
    for (int doubling = 0; doubling < 13; ++doubling)
        bench.schema().execute("INSERT INTO invoices (net) SELECT net FROM invoices");
    bench.use("invoices");
    for (const std::string statement : {"UPDATE invoices SET n = n + :net WHERE id = :id",
                                        "UPDATE invoices SET n = n + :net WHERE id = :id AND RAND() >= 0"}) {
        CAPTURE(statement);
        const Came came = bench.run(bench.job({statement}));
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(came.outcome->skipped == 0);
        CHECK(came.outcome->named.empty());
    }
    CHECK(bench.schema().scalar("SELECT CONCAT(COUNT(*), ' ', MIN(n), ' ', MAX(n)) FROM invoices") == "8192 2 2");
}

TEST_CASE("the action neither begins nor commits") {
    Workbench bench;
    make_invoices(bench);
    const auto plan = bench.prepare(bench.job({"UPDATE invoices SET n = 1 WHERE :batch"}));
    const engine::Batch batch = bench.read(*plan);
    bench.session().execute("BEGIN");
    action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
    bool answered = false;
    action.start(batch, {}, engine::Reply{[&](engine::Reply::Answer answer) {
                     answered = std::holds_alternative<engine::BatchOutcome>(answer);
                 }});
    CHECK(answered);
    CHECK(bench.session().in_transaction());
    bench.session().execute("ROLLBACK");
    CHECK(bench.list(changed_once).empty());
}

TEST_CASE("an action that is asked to stop leaves its batch") {
    Workbench bench;
    make_invoices(bench);
    const auto plan = bench.prepare(bench.job({"UPDATE invoices SET n = 1 WHERE id = :id + 0"}));
    std::stop_source source;
    source.request_stop();
    std::string kind;
    action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
    action.start(bench.read(*plan), {1, source.get_token()},
                 engine::Reply{[&](engine::Reply::Answer answer) { kind = name_of(std::get<Error>(answer).kind()); }});
    CHECK(kind == name_of(ErrorKind::stopped));
    CHECK(bench.list(changed_once).empty());
}
