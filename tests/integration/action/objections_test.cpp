#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

void make_books(Workbench& bench) {
    bench.schema().execute("CREATE TABLE books (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    bench.schema().execute("CREATE TABLE log (id INT) ENGINE = MyISAM");
    bench.use("books");
}

std::vector<std::string> objections(Workbench& bench, const std::string& statement) {
    return action::exactly_once_objections(bench.session(), *bench.prepare(bench.job({statement})));
}

}  // namespace

TEST_CASE("tables with transactions are not objected to") {
    Workbench bench;
    make_books(bench);
    CHECK(objections(bench, "UPDATE books SET n = 1 WHERE :batch").empty());
}

TEST_CASE("a table without transactions that is written is named with its engine") {
    Workbench bench;
    make_books(bench);
    for (const std::string statement : {"INSERT INTO log VALUES (:id)",
                                        "UPDATE books JOIN log ON log.id = books.id SET n = 1 WHERE books.id = :id"}) {
        CAPTURE(statement);
        const auto found = objections(bench, statement);
        REQUIRE(found.size() == 1);
        CHECK(contains(found[0], "log is of the engine MyISAM"));
    }
}

TEST_CASE("a table without transactions may be read") {
    Workbench bench;
    make_books(bench);
    CHECK(objections(bench, "UPDATE books SET n = (SELECT COUNT(*) FROM log) WHERE :batch").empty());
}

TEST_CASE("a trigger that names a table without transactions is objected to") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute(
        "CREATE TRIGGER remember AFTER UPDATE ON books FOR EACH ROW INSERT INTO log VALUES (NEW.id)");
    const auto found = objections(bench, "UPDATE books SET n = 1 WHERE :batch");
    REQUIRE(found.size() == 1);
    CHECK(contains(found[0], "the trigger remember on books"));
}

TEST_CASE("a view that is written is objected to, and one that is read is not") {
    Workbench bench;
    make_books(bench);
    bench.schema().execute("CREATE VIEW shelf AS SELECT id AS shelf_id, n FROM books");
    for (const std::string statement :
         {"UPDATE shelf SET shelf_id = shelf_id + 1000 WHERE shelf_id = :id",
          "INSERT INTO shelf (shelf_id) VALUES (-:id)", "DELETE FROM shelf WHERE n = :id"}) {
        CAPTURE(statement);
        const auto found = objections(bench, statement);
        REQUIRE(found.size() == 1);
        CHECK(contains(found[0], "shelf is a view"));
        CHECK(contains(found[0], "name the table itself"));
    }
    CHECK(objections(bench, "UPDATE books SET n = (SELECT COUNT(*) FROM shelf s WHERE s.n > 9) WHERE :batch").empty());
}

TEST_CASE("a foreign key that cascades an assignment into the key is objected to") {
    Workbench bench;
    bench.schema().execute("CREATE TABLE shops (id INT PRIMARY KEY, n INT) ENGINE = InnoDB");
    bench.schema().execute(
        "CREATE TABLE stock (shop INT, item INT, PRIMARY KEY (shop, item), CONSTRAINT in_shop FOREIGN KEY (shop)"
        " REFERENCES shops (id) ON UPDATE CASCADE) ENGINE = InnoDB");
    bench.use("stock");
    const auto found = objections(bench, "UPDATE shops SET id = id + 1000 WHERE id = :shop");
    REQUIRE(found.size() == 1);
    CHECK(contains(found[0], "shops.id changes the key column shop of stock through the foreign key in_shop"));
    CHECK(objections(bench, "UPDATE shops SET n = 1 WHERE id = :shop").empty());
}
