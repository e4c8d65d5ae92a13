#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// Ten books; the seventh's title is too long for the column `short`.
void make_books(Workbench& bench) {
    bench.schema().execute(
        "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(40) NOT NULL, short VARCHAR(5) NOT NULL DEFAULT '',"
        " code INT NULL UNIQUE) ENGINE = InnoDB");
    for (int i = 1; i <= 10; ++i)
        bench.schema().execute("INSERT INTO books (id, title) VALUES (" + std::to_string(i) + ", '" +
                               (i == 7 ? "much too long" : "ok") + "')");
    bench.use("books");
}

db::SessionSettings lax() {
    db::SessionSettings settings;
    settings.sql_mode = "";
    return settings;
}

/// The rows that fail when each is a batch of its own.
std::string failing_rows(Workbench& bench, action::SqlAction& action, const engine::Batch& batch) {
    std::string failing;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
        const Came came = bench.work(action, engine::slice(batch, i, 1));
        if (!came.error) continue;
        CHECK(came.error_kind() == name_of(ErrorKind::row));
        CHECK(came.error->item_index == 0);
        failing += (failing.empty() ? "" : " ") + batch.items[i].at(0).as_string();
    }
    return failing;
}

}  // namespace

TEST_CASE("a row's violation of a constraint is told by position where rows are executed one by one") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute("UPDATE books SET code = 4 WHERE id = 9");
    const Came came = bench.run(bench.job({"UPDATE books SET code = :id + RAND() * 0 WHERE id = :id"}), "id <= 8");
    CHECK(came.error_kind() == name_of(ErrorKind::row));
    REQUIRE(came.error.has_value());
    CHECK(came.error->server_code == 1062);
    CHECK(came.error->item_index == 3);
}

TEST_CASE("a row's violation of a constraint is found by splitting where rows are executed together") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute("UPDATE books SET code = 4 WHERE id = 9");
    for (const std::string statement :
         {"UPDATE books SET code = :id * 1 WHERE id = :id", "UPDATE books SET code = id WHERE id = :id",
          "UPDATE books SET code = id WHERE :batch"}) {
        CAPTURE(statement);
        const auto plan = bench.prepare(bench.job({statement}));
        const engine::Batch batch = bench.read(*plan, "id <= 8");
        action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
        CHECK(bench.work(action, batch).error_kind() == name_of(ErrorKind::row));
        CHECK(failing_rows(bench, action, batch) == "4");
        bench.schema().execute("UPDATE books SET code = NULL WHERE id <= 8");
    }
}

TEST_CASE("a truncation under a lax sql_mode is the row's fault, in every form") {
    for (const std::string condition : {"id = :id", ":batch", ":range", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        Workbench bench{lax()};
        make_books(bench);
        const auto plan = bench.prepare(bench.job({"UPDATE books SET short = title WHERE " + condition}));
        const engine::Batch batch = bench.read(*plan);
        action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
        CHECK(bench.work(action, batch).error_kind() == name_of(ErrorKind::row));
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM books WHERE short <> ''") == "0");
        CHECK(failing_rows(bench, action, batch) == "7");
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM books WHERE short = 'ok'") == "9");
    }
}

TEST_CASE("a truncation in array binding or in a packet is the row's fault") {
    Workbench bench{lax()};
    make_books(bench);
    for (const std::string condition : {"id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        const auto plan = bench.prepare(bench.job({"UPDATE books SET short = :title WHERE " + condition}));
        const engine::Batch batch = bench.read(*plan);
        action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
        CHECK(bench.work(action, batch).error_kind() == name_of(ErrorKind::row));
        CHECK(failing_rows(bench, action, batch) == "7");
    }
}

TEST_CASE("a stretch that truncates fails as a whole, to be split") {
    Workbench bench{lax()};
    make_books(bench);
    const auto plan = bench.prepare(bench.job({"UPDATE books SET short = title WHERE :range"}));
    engine::Batch batch;
    batch.count = 10;
    batch.upto = {Value::integer(10)};
    const Came came = bench.work(plan, batch);
    CHECK(came.error_kind() == name_of(ErrorKind::row));
    REQUIRE(came.error.has_value());
    CHECK_FALSE(came.error->item_index.has_value());
    CHECK(contains(came.error->what(), "warning 1265"));
}

TEST_CASE("truncations pass where warnings are allowed") {
    Workbench bench{lax()};
    make_books(bench);
    job::Job job = bench.job({"UPDATE books SET short = :title WHERE id = :id"});
    job.action.fail_on_warnings = false;
    REQUIRE(bench.run(job).outcome.has_value());
    CHECK(bench.schema().scalar("SELECT short FROM books WHERE id = 7") == "much ");
}

TEST_CASE("harmless warnings inside a packet cost one split, and fail no row") {
    Workbench bench;
    make_books(bench);
    const auto plan =
        bench.prepare(bench.job({"UPDATE books SET short = 'x' WHERE id = :id AND UNCOMPRESS('xxxxxx') IS NULL"}));
    const engine::Batch batch = bench.read(*plan);
    action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
    const Came first = bench.work(action, batch);
    CHECK(first.error_kind() == name_of(ErrorKind::row));
    REQUIRE(first.error.has_value());
    CHECK_FALSE(first.error->item_index.has_value());
    for (const std::size_t half : {0, 5}) CHECK(bench.work(action, engine::slice(batch, half, 5)).outcome.has_value());
    CHECK(bench.schema().scalar("SELECT COUNT(*) FROM books WHERE short = 'x'") == "10");
}

TEST_CASE("a decimal that is rounded to its column's scale is no fault, for any number of rows") {
    for (const std::string condition : {":batch", "id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        Workbench bench;
        bench.schema().execute(
            "CREATE TABLE invoices (id INT AUTO_INCREMENT PRIMARY KEY, total DECIMAL(10,2) NOT NULL DEFAULT 0) ENGINE "
            "= InnoDB");
        bench.schema().execute("INSERT INTO invoices () VALUES ()");
        for (int doubling = 0; doubling < 8; ++doubling)
            bench.schema().execute("INSERT INTO invoices (total) SELECT 0 FROM invoices");
        bench.use("invoices");
        const Came came = bench.run(bench.job({"UPDATE invoices SET total = 1.005 * 1.19 WHERE " + condition}));
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM invoices WHERE total = 1.20") == "256");
    }
}

TEST_CASE("rows that a statement does not match are skips") {
    for (const std::string condition : {":batch", "id = :id", "id = :id AND RAND() >= 0", "id IN (:ids)"}) {
        CAPTURE(condition);
        Workbench bench;
        make_books(bench);
        const Came came =
            bench.run(bench.job({"UPDATE books SET short = 'x' WHERE id <> 3 AND " + condition}), "id <= 5");
        REQUIRE(came.outcome.has_value());
        CHECK(came.outcome->skipped + came.outcome->named.size() == 1);
    }
}

TEST_CASE("a row that is updated to what it was already is matched") {
    for (const std::string condition : {":batch", "id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        Workbench bench;
        make_books(bench);
        const Came came = bench.run(bench.job({"UPDATE books SET short = '' WHERE " + condition}));
        REQUIRE(came.outcome.has_value());
        CHECK(came.outcome->skipped == 0);
        CHECK(came.outcome->named.empty());
    }
}

TEST_CASE("with expect_rows = batch a row that is not matched is a failure, found down to the row") {
    for (const std::string condition : {":batch", "id = :id", "id = :id AND RAND() >= 0", ":range"}) {
        CAPTURE(condition);
        Workbench bench;
        make_books(bench);
        job::Job job = bench.job({"UPDATE books SET short = 'x' WHERE id <> 3 AND " + condition});
        job.action.expect_rows = job::ActionSpec::ExpectRows::batch;
        const auto plan = bench.prepare(job);
        const engine::Batch batch = bench.read(*plan);
        action::SqlAction action{plan, [&]() -> db::Session& { return bench.session(); }};
        const Came came = bench.work(action, batch);
        CHECK(came.error_kind() == name_of(ErrorKind::row));
        CHECK(failing_rows(bench, action, batch) == "3");
    }
}

TEST_CASE("a statement that is wrong for all rows is the run's fault") {
    Workbench bench;
    make_books(bench);
    for (const std::string statement :
         {"UPDATE nowhere SET a = 1 WHERE id = :id", "UPDATE books SET nothing = 1 WHERE id = :id",
          "UPDATE books SET short = = 1 WHERE :batch"}) {
        CAPTURE(statement);
        const Came came = bench.run(bench.job({statement}));
        CHECK(came.error_kind() == name_of(ErrorKind::fatal));
    }
}

TEST_CASE("a statement that no packet can hold is too large, and costs no connection") {
    Workbench bench;
    make_books(bench);
    job::Job job = bench.job({"UPDATE books SET short = LEFT(:text, 2) WHERE :batch"});
    job.params.emplace_back().name = "text";
    const std::string text(bench.session().max_allowed_packet(), 'x');
    const Came came = bench.run(job, "1", {{"text", Value::text(text)}});
    CHECK(came.error_kind() == name_of(ErrorKind::too_large));
    CHECK(bench.session().usable());
}
