#include "fixture.hpp"

#include "action/rendering.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using Form = action::SqlPlan::Form;

namespace {

std::string sent(const std::string& statement, const std::vector<std::vector<std::string>>& rows,
                 table::Selection selection = invoices()) {
    return rendered(prepared(sql_job({statement}), std::move(selection)), rows);
}

table::Selection filtered(bool descending = false) {
    table::Selection selection = invoices();
    selection.filter = "a = 1 OR b = 2";
    selection.descending = descending;
    return selection;
}

}  // namespace

TEST_CASE("a row's statement gets the row's values, by their types") {
    const std::string statement = "INSERT INTO log VALUES (:id, :note, :total)";
    CHECK(sent(statement, {{"-4", "O'Brien", "1.50"}}, invoices({"id"}, {"note", "total"})) ==
          "INSERT INTO log VALUES (-4, 'O''Brien', 1.50)");
}

TEST_CASE("values stay apart from what stands beside them") {
    CHECK(sent("INSERT INTO log VALUES (1 -:id, :note'x')", {{"-4", "a"}}, invoices({"id"}, {"note"})) ==
          "INSERT INTO log VALUES (1 - -4, 'a' 'x')");
}

TEST_CASE("a placeholder inside a literal or a comment is text") {
    CHECK(sent("INSERT INTO log VALUES (:id, ':id', `:id`) /* :id */ + 1", {{"4"}}) ==
          "INSERT INTO log VALUES (4, ':id', `:id`) /* :id */ + 1");
}

TEST_CASE(":batch selects the batch's keys, of one column or several") {
    CHECK(sent("DELETE FROM invoices WHERE :batch", {{"1"}, {"5"}}) == "DELETE FROM invoices WHERE (`id` IN (1,5))");
    CHECK(sent("DELETE FROM invoices WHERE :batch", {{"1", "5"}, {"2", "6"}}, invoices({"shop_id", "id"})) ==
          "DELETE FROM invoices WHERE ((`shop_id`, `id`) IN ((1,5),(2,6)))");
}

TEST_CASE(":ids is a list of the keys") {
    CHECK(sent("DELETE FROM x WHERE invoice IN (:ids)", {{"1"}, {"5"}}) == "DELETE FROM x WHERE invoice IN (1,5)");
}

TEST_CASE(":lo is the smaller bound whatever the reading order") {
    const std::string statement = "DELETE FROM invoices WHERE id BETWEEN :lo AND :hi AND :filter";
    CHECK(sent(statement, {{"1"}, {"5"}, {"9"}}, filtered()) ==
          "DELETE FROM invoices WHERE id BETWEEN 1 AND 9 AND (a = 1 OR b = 2)");
    CHECK(sent(statement, {{"9"}, {"5"}, {"1"}}, filtered(true)) ==
          "DELETE FROM invoices WHERE id BETWEEN 1 AND 9 AND (a = 1 OR b = 2)");
}

TEST_CASE("where partitions are chosen, :filter between bounds selects exactly the batch's rows") {
    table::Selection selection = filtered();
    selection.partitions = {"p0"};
    CHECK(sent("DELETE FROM invoices WHERE id BETWEEN :lo AND :hi AND :filter", {{"1"}, {"9"}}, selection) ==
          "DELETE FROM invoices WHERE id BETWEEN 1 AND 9 AND ((`id` IN (1,9)) AND (a = 1 OR b = 2))");
}

TEST_CASE("the filter stands in parentheses, and is true where there is none") {
    CHECK(sent("DELETE FROM invoices WHERE :batch AND :filter", {{"1"}}) ==
          "DELETE FROM invoices WHERE (`id` IN (1)) AND (1)");
}

TEST_CASE(":range is the stretch above the last batch's key up to this one's, and the filter") {
    const auto plan = prepared(sql_job({"UPDATE invoices SET total = 0 WHERE :range"}), filtered());
    engine::Batch batch;
    batch.count = 100;
    batch.after = {Value::integer(10)};
    batch.upto = {Value::integer(20)};
    CHECK(action::render(plan, batch, plain_quote).at(0) ==
          "UPDATE invoices SET total = 0 WHERE ((`id` > 10 AND `id` <= 20) AND (a = 1 OR b = 2))");
}

TEST_CASE(":range of a batch that was split stands for its items") {
    CHECK(sent("UPDATE invoices SET total = 0 WHERE :range", {{"11"}, {"19"}}, filtered()) ==
          "UPDATE invoices SET total = 0 WHERE ((`id` IN (11,19)) AND (a = 1 OR b = 2))");
}

TEST_CASE(
    "under the lock :range stands for the locked rows alone, for an earlier statement may have changed the filter's "
    "columns") {
    const auto plan = prepared(
        sql_job({"UPDATE invoices SET a = 0 WHERE :range", "UPDATE invoices SET b = 0 WHERE :range"}), filtered());
    CHECK(action::render(plan, batch_of(plan, {{"1"}, {"2"}}), plain_quote).at(1) ==
          "UPDATE invoices SET b = 0 WHERE (`id` IN (1,2))");
}

TEST_CASE("under the lock :filter keeps a statement between bounds to the locked rows") {
    job::Job job = sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi AND :filter"});
    job.action.lock = true;
    CHECK(rendered(prepared(job, filtered()), {{"1"}, {"9"}}) ==
          "DELETE FROM invoices WHERE id BETWEEN 1 AND 9 AND (`id` IN (1,9))");
}

TEST_CASE("the lock asks for the batch's keys under the filter, in parentheses") {
    const auto plan = prepared(sql_job({"DELETE FROM x WHERE invoice IN (:ids)"}), filtered());
    const auto sql = action::render_lock(plan, batch_of(plan, {{"1"}, {"9"}}), plain_quote);
    REQUIRE(sql.has_value());
    CHECK(sql->starts_with("SELECT `id` FROM "));
    CHECK(sql->ends_with(" WHERE (`id` IN (1,9)) AND (a = 1 OR b = 2) FOR UPDATE"));
}

TEST_CASE("the lock takes all between the bounds where a statement goes by bounds alone") {
    const std::string statement = "DELETE FROM invoices WHERE id BETWEEN :lo AND :hi";
    const auto plan =
        prepared(sql_job({"INSERT INTO log SELECT id FROM invoices WHERE id BETWEEN :lo AND :hi", statement}));
    const auto sql = action::render_lock(plan, batch_of(plan, {{"1"}, {"5"}, {"9"}}), plain_quote);
    REQUIRE(sql.has_value());
    CHECK(sql->ends_with(" WHERE (`id` BETWEEN 1 AND 9) AND (1) FOR UPDATE"));
}

TEST_CASE("the run's id and start are constants of the run") {
    CHECK(sent("INSERT INTO log VALUES (:id, :run_id, :run_started_at)", {{"4"}}) ==
          "INSERT INTO log VALUES (4, 7, '2024-02-29 23:59:59')");
}

TEST_CASE("a parameter's text can't become SQL") {
    job::Job job = sql_job({"INSERT INTO log VALUES (:id, :who)"});
    job.params = {param("who")};
    const auto plan = prepared(job, invoices(), {{"who", Value::text("'); DROP TABLE log; -- ")}});
    CHECK(rendered(plan, {{"4"}}) == "INSERT INTO log VALUES (4, '''); DROP TABLE log; -- ')");
}

TEST_CASE("more than ten thousand keys are too large for one condition") {
    const auto plan = prepared(sql_job({"DELETE FROM invoices WHERE :batch"}));
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < 10000; ++i) rows.push_back({std::to_string(i)});
    CHECK_NOTHROW(rendered(plan, rows));
    rows.push_back({"10000"});
    try {
        rendered(plan, rows);
        FAIL("it was rendered");
    } catch (const Error& error) {
        CHECK(name_of(error.kind()) == name_of(ErrorKind::too_large));
    }
}

TEST_CASE("a row's statement for array binding holds a question mark for each of the row's values") {
    job::Job job = sql_job({"UPDATE invoices SET total = :total, note = :who WHERE id = :id"});
    job.params = {param("who")};
    const auto plan = prepared(job, invoices({"id"}, {"total"}), {{"who", Value::text("me")}});
    const table::Quote quote = plain_quote;
    const action::RowTemplate row = action::Rendering{plan, quote}.for_rows(0);
    CHECK(row.for_binding() == "UPDATE invoices SET total = ?, note = 'me' WHERE id = ?");
    CHECK(row.columns == std::vector<std::size_t>{1, 0});
}
