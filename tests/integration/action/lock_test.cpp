#include "workbench.hpp"

#include "support/eventually.hpp"

#include <thread>

using namespace rowmill;
using namespace rowmill::test;

namespace {

void make_books(Workbench& bench) {
    bench.schema().execute(
        "CREATE TABLE books (id INT PRIMARY KEY, state VARCHAR(10) NOT NULL DEFAULT 'new', price INT NOT NULL DEFAULT "
        "1,"
        " n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    bench.schema().execute("CREATE TABLE archive (id INT PRIMARY KEY, price INT NOT NULL) ENGINE = InnoDB");
    bench.schema().execute("INSERT INTO books (id) VALUES (1), (2), (3), (4), (5), (6)");
    bench.use("books", "state = 'new'");
}

/// Whether the connection waits for another's row lock.
bool waits_for_lock(Schema& schema, std::uint64_t connection) {
    const std::string status = schema.session().query("SHOW ENGINE INNODB STATUS").text(0, 2);
    const std::size_t thread = status.find("thread id " + std::to_string(connection) + ",");
    if (thread == std::string::npos) return false;
    const std::size_t begin = status.rfind("---TRANSACTION", thread);
    return status.substr(begin, thread - begin).find("LOCK WAIT") != std::string::npos;
}

const char* const changed = "SELECT id FROM books WHERE n = 1 ORDER BY id";

}  // namespace

TEST_CASE("rows that stopped matching, or are gone, are skipped by name and left alone, in every form") {
    for (const std::string condition :
         {":batch", "id = :id", "id = :id + 0", "id IN (:ids)", "id BETWEEN :lo AND :hi AND :filter", ":range"}) {
        CAPTURE(condition);
        Workbench bench;
        make_books(bench);
        job::Job job = bench.job({"UPDATE books SET n = n + 1 WHERE " + condition});
        job.action.lock = true;
        const auto plan = bench.prepare(job);
        const engine::Batch batch = bench.read(*plan, "id <= 5");
        bench.schema().execute("UPDATE books SET state = 'sold' WHERE id IN (1, 4)");
        bench.schema().execute("DELETE FROM books WHERE id = 3");
        const Came came = bench.work(plan, batch);
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(came.named() == "0:skip 2:skip 3:skip");
        CHECK(came.outcome->named[0].second.reason == "no longer matches the filter");
        CHECK(came.outcome->skipped == 0);
        CHECK(bench.list(changed) == "2 5");
    }
}

TEST_CASE("where no row matches any more nothing is sent") {
    Workbench bench;
    make_books(bench);
    const auto plan = bench.prepare(bench.job({"UPDATE no_such_table SET n = 1 WHERE :batch"}));
    const engine::Batch batch = bench.read(*plan, "id <= 2");
    bench.schema().execute("UPDATE books SET state = 'sold'");
    const Came came = bench.work(plan, batch);
    REQUIRE(came.outcome.has_value());
    CHECK(came.named() == "0:skip 1:skip");
}

TEST_CASE("a row that began to match between the bounds is not touched under the lock") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute("UPDATE books SET state = 'sold' WHERE id = 2");
    job::Job job = bench.job({"UPDATE books SET n = n + 1 WHERE id BETWEEN :lo AND :hi AND :filter"});
    job.action.lock = true;
    const auto plan = bench.prepare(job);
    const engine::Batch batch = bench.read(*plan, "id IN (1, 3)");
    bench.schema().execute("UPDATE books SET state = 'new' WHERE id = 2");
    REQUIRE(bench.work(plan, batch).outcome.has_value());
    CHECK(bench.list(changed) == "1 3");
}

TEST_CASE("the second of several statements reaches the rows that the first took out of the filter") {
    Workbench bench;
    make_books(bench);
    const auto job =
        bench.job({"UPDATE books SET state = 'done' WHERE :range", "UPDATE books SET n = n + 1 WHERE :range"});
    REQUIRE(bench.run(job).outcome.has_value());
    CHECK(bench.list(changed) == "1 2 3 4 5 6");
}

TEST_CASE("the position of a failed row is that in the batch, though rows before it were skipped") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute("INSERT INTO archive VALUES (5, 0)");
    const auto plan = bench.prepare(bench.job({"INSERT INTO archive SELECT :id, price FROM books WHERE id = :id"}));
    const engine::Batch batch = bench.read(*plan);
    bench.schema().execute("UPDATE books SET state = 'sold' WHERE id IN (1, 2)");
    const Came came = bench.work(plan, batch);
    CHECK(came.error_kind() == name_of(ErrorKind::row));
    REQUIRE(came.error.has_value());
    CHECK(came.error->server_code == 1062);
    CHECK(came.error->item_index == 4);
}

TEST_CASE("a concurrent update is not lost between INSERT … SELECT and DELETE under READ COMMITTED") {
    db::SessionSettings settings;
    settings.isolation = "READ COMMITTED";
    Workbench bench{settings};
    make_books(bench);
    const auto plan = bench.prepare(
        bench.job({"INSERT INTO archive SELECT id, price FROM books WHERE :batch", "DELETE FROM books WHERE :batch"}));
    REQUIRE(plan->lock);
    const engine::Batch batch = bench.read(*plan);

    db::Session other{bench.schema().endpoint(), {}};
    other.execute("BEGIN");
    other.execute("UPDATE books SET price = 99 WHERE id = 3");
    Came came;
    std::thread worker{[&] {
        const db::ThreadScope scope;
        came = bench.work(plan, batch);
    }};
    const bool waited = eventually([&] { return waits_for_lock(bench.schema(), bench.session().connection_id()); });
    other.execute("COMMIT");
    worker.join();
    CHECK(waited);
    REQUIRE(came.outcome.has_value());
    CHECK(bench.schema().scalar("SELECT price FROM archive WHERE id = 3") == "99");
    CHECK(bench.schema().scalar("SELECT COUNT(*) FROM books") == "0");
}

TEST_CASE("a batch of thousands of keys is locked") {
    Workbench bench;
    make_books(bench);
    for (int rows = 8; rows <= 4096; rows *= 2)
        bench.schema().execute("INSERT INTO books (id) SELECT id + " + std::to_string(rows) + " FROM books");
    job::Job job = bench.job({"UPDATE books SET n = n + 1 WHERE :batch"});
    const Came came = bench.run(job, "id > 6");
    REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
    CHECK(came.outcome->named.empty());
    CHECK(bench.schema().scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "6138");
}

TEST_CASE("under the lock a statement is given a row's values as they are now, not as they were read") {
    for (const bool descending : {false, true}) {
        CAPTURE(descending);
        Workbench bench;
        bench.schema().execute("CREATE TABLE sums (id INT PRIMARY KEY, given INT NOT NULL, twice INT NOT NULL DEFAULT 0)");
        bench.schema().execute("INSERT INTO sums (id, given) VALUES (1, 10), (2, 20), (3, 30)");
        bench.use("sums", "", descending);
        job::Job job = bench.job({"UPDATE sums SET twice = 2 * :given WHERE id = :id"});
        job.action.lock = true;
        const auto plan = bench.prepare(job);
        const engine::Batch batch = bench.read(*plan);
        bench.schema().execute("UPDATE sums SET given = given + 1 WHERE id = 2");
        bench.schema().execute("DELETE FROM sums WHERE id = 3");
        const Came came = bench.work(plan, batch);
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(came.named() == (descending ? "0:skip" : "2:skip"));
        CHECK(bench.list("SELECT twice FROM sums ORDER BY id") == "20 42");
    }
}
