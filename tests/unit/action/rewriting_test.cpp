#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using Form = action::SqlPlan::Form;

namespace {

action::SqlPlan plan_of(const std::string& statement, table::Selection selection = invoices({"id"}, {"total"})) {
    return prepared(sql_job({statement}), std::move(selection));
}

}  // namespace

TEST_CASE("an update of the table by its key is sent for the whole batch") {
    const auto plan = plan_of("UPDATE invoices SET total = net + tax WHERE id = :id");
    CHECK(plan.forms[0] == Form::batch);
    CHECK(plan.statements[0].uses("batch"));
}

TEST_CASE("an update by a key of several columns is sent for the whole batch") {
    const auto plan = plan_of("DELETE FROM invoices WHERE id = :id AND note = 'x' AND shop_id = :shop_id",
                              invoices({"shop_id", "id"}));
    CHECK(plan.forms[0] == Form::batch);
}

TEST_CASE("an update by a part of the key is executed row by row") {
    const auto plan = plan_of("DELETE FROM invoices WHERE shop_id = :shop_id", invoices({"shop_id", "id"}));
    CHECK(plan.forms[0] == Form::row);
    CHECK_FALSE(plan.one_row_each[0]);
}

TEST_CASE("an update of another table is executed row by row, for its column may hold a row's key more than once") {
    const auto plan = plan_of("UPDATE other SET n = n + 1 WHERE id = :id");
    CHECK(plan.forms[0] == Form::row);
    CHECK_FALSE(plan.one_row_each[0]);
}

TEST_CASE("an update of a table of the same name in another schema is executed row by row") {
    CHECK(plan_of("UPDATE archive.invoices SET n = 1 WHERE id = :id").forms[0] == Form::row);
    CHECK(plan_of("UPDATE shop.invoices SET n = 1 WHERE id = :id").forms[0] == Form::batch);
}

TEST_CASE("an unqualified name is not taken for the table of a schema that the job names") {
    job::Job job = sql_job({"UPDATE invoices SET n = 1 WHERE id = :id"});
    job.source.schema = "shop";
    CHECK(prepared(job).forms[0] == Form::row);
}

TEST_CASE("on another server a table of the same name is not taken for the one that is read") {
    job::Job job = sql_job({"UPDATE invoices SET n = 1 WHERE id = :id"});
    job.action.dsn = "mysql://elsewhere/shop";
    const auto update = prepared(job);
    CHECK(update.forms[0] == Form::row);
    CHECK_FALSE(update.one_row_each[0]);
    job.action.statements = {"INSERT INTO invoices (id) VALUES (:id)"};
    CHECK(prepared(job).one_row_each[0]);
}

TEST_CASE("an update by the key that uses other values of the row changes one row each") {
    const auto plan = plan_of("UPDATE invoices SET total = :total * 2, copy = :id WHERE id = :id");
    CHECK(plan.forms[0] == Form::row);
    CHECK(plan.one_row_each[0]);
}

TEST_CASE("an insert of values changes one row each, one from a query or with IGNORE may change none") {
    CHECK(plan_of("INSERT INTO log VALUES (:id, :total)").one_row_each[0]);
    CHECK_FALSE(plan_of("INSERT INTO log SELECT :id, :total FROM x").one_row_each[0]);
    CHECK_FALSE(plan_of("INSERT IGNORE INTO log VALUES (:id, :total)").one_row_each[0]);
}

TEST_CASE("of several row statements none is taken out of its row's order") {
    const std::string update = "UPDATE invoices SET total = 1 WHERE id = :id";
    const auto plan = prepared(sql_job({update, update}));
    CHECK(plan.forms == std::vector<Form>{Form::row, Form::row});
    CHECK(plan.one_row_each == std::vector<bool>{false, false});
}

TEST_CASE("a row statement between batch statements is sent for the whole batch") {
    const std::string batch = "INSERT INTO log SELECT id FROM invoices WHERE :batch";
    const auto plan = prepared(sql_job({batch, "UPDATE invoices SET total = 1 WHERE id = :id", batch}));
    CHECK(plan.forms == std::vector<Form>{Form::batch, Form::batch, Form::batch});
}

TEST_CASE("a batch may name keys that no row has, where its statement finds rows of the table by their keys and no more") {
    const std::string by_key[] = {"UPDATE invoices SET n = n + 1 WHERE :batch", "UPDATE invoices SET n = n + 1 WHERE id IN (:ids)",
                                  "UPDATE invoices SET n = 1 WHERE state = 'x' AND `id` in ( :ids )",
                                  "UPDATE invoices SET n = 1 WHERE id BETWEEN :lo AND :hi", "UPDATE invoices SET n = 2 WHERE id = :id",
                                  "UPDATE invoices SET run = :run_id WHERE :batch", "UPDATE invoices SET n = n + 1 WHERE :range",
                                  "DELETE FROM invoices WHERE (:range) AND state = 'x'"};
    for (const std::string& statement : by_key) {
        CAPTURE(statement);
        CHECK(prepared(sql_job({statement})).counts_what_is_there());
    }
    const std::string otherwise[] = {
        "UPDATE invoices SET n = 1 WHERE total IN (:ids)",           // rows that have another's key as their total
        "UPDATE others SET n = 1 WHERE id IN (:ids)",                // what belongs to no row of the source
        "UPDATE invoices SET n = (SELECT COUNT(*) FROM others) WHERE :batch",
        "UPDATE invoices JOIN others USING (id) SET n = 1 WHERE id IN (:ids)",
        "UPDATE invoices SET n = :lo WHERE id BETWEEN :lo AND :hi",  // writes down which key was the first
        "UPDATE invoices SET n = 1 WHERE id NOT IN (:ids)",
        "UPDATE invoices SET n = 1 WHERE NOT (:batch)",
        "UPDATE invoices SET n = :batch WHERE id IN (:ids)",
        "UPDATE invoices SET n = 1 WHERE id IN (:ids) OR n = 0",
        "INSERT INTO log SELECT id FROM invoices WHERE id IN (:ids)",
        "INSERT INTO log SELECT COUNT(*) FROM invoices WHERE :range",  // says of no rows that they are none
        "UPDATE others SET n = n + (SELECT SUM(total) FROM invoices WHERE :range)",
        "DELETE FROM invoices WHERE id IN (:ids)",  // what a foreign key has taken along nobody counts
        "DELETE FROM others WHERE :range", "UPDATE invoices SET n = 1 WHERE NOT :range"};
    for (const std::string& statement : otherwise) {
        CAPTURE(statement);
        CHECK_FALSE(prepared(sql_job({statement})).counts_what_is_there());
    }
}

TEST_CASE("a batch names only keys that were read, where each row is to be matched, locked or read for its values") {
    job::Job job = sql_job({"UPDATE invoices SET n = 1 WHERE :batch"});
    CHECK(prepared(job).counts_what_is_there());
    CHECK_FALSE(prepared(job, invoices({"id"}, {"total"})).counts_what_is_there());
    CHECK_FALSE(prepared(job, invoices({"shop_id", "id"})).counts_what_is_there());
    job.action.lock = true;
    CHECK_FALSE(prepared(job).counts_what_is_there());
    job.action.lock.reset();
    job.action.expect_rows = job::ActionSpec::ExpectRows::batch;
    CHECK_FALSE(prepared(job).counts_what_is_there());
}

TEST_CASE("a key whose name cannot be a placeholder's does not keep a batch's statement from being prepared") {
    for (const std::string key : {"a'b", "a;b", "a(b", "a b", "a-b"}) {
        CAPTURE(key);
        table::Selection selection = invoices();
        Shape shape = *selection.shape;
        selection.table.columns[1].name = selection.key.columns[0].name = shape.columns[0].name = key;
        selection.shape = std::make_shared<const Shape>(std::move(shape));
        CHECK(prepared(sql_job({"UPDATE invoices SET n = 1 WHERE :batch"}), std::move(selection)).forms[0] == Form::batch);
    }
}
