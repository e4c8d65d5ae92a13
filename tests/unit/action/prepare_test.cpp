#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using Form = action::SqlPlan::Form;

namespace {

/// The sentence of the error that preparing throws, "" for none; the kind must be as expected.
std::string refusal(const job::Job& job, ErrorKind kind = ErrorKind::usage, table::Selection selection = invoices(),
                    const job::Params& params = {}) {
    try {
        prepared(job, std::move(selection), params);
    } catch (const Error& error) {
        CHECK(name_of(error.kind()) == name_of(kind));
        return error.what();
    }
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

table::Selection filtered(const std::string& filter = "state = 'open'") {
    table::Selection selection = invoices();
    selection.filter = filter;
    return selection;
}

}  // namespace

TEST_CASE("an unknown placeholder is refused with the nearest known one") {
    const std::string sentence = refusal(sql_job({"UPDATE invoices SET total = 1 WHERE id = :idd"}));
    CHECK(contains(sentence, "action.statement: there is no placeholder :idd"));
    CHECK(contains(sentence, "did you mean :id?"));
    CHECK(contains(sentence, ":run_started_at"));
}

TEST_CASE("an error in one of several statements names its place") {
    const std::string sentence = refusal(
        sql_job({"UPDATE invoices SET total = 1 WHERE :batch", "DELETE FROM invoices WHERE id = :nothing_like_it"}));
    CHECK(contains(sentence, "action.statements[2]"));
}

TEST_CASE("an error in an ad-hoc statement names the flag") {
    job::Job job = sql_job({"UPDATE invoices SET total = :foo WHERE id = :id"});
    job.file.clear();
    CHECK(contains(refusal(job), "--sql: there is no placeholder :foo"));
}

TEST_CASE("a parameter named as a reserved placeholder is refused") {
    job::Job job = sql_job({"UPDATE invoices SET total = 1 WHERE id = :id"});
    job.params = {param("batch")};
    CHECK(contains(refusal(job), "params.batch"));
}

TEST_CASE("a parameter named as a column that is read is refused, whatever its case") {
    job::Job job = sql_job({"UPDATE invoices SET total = 1 WHERE id = :id"});
    job.params = {param("ID")};
    CHECK(contains(refusal(job), "the value of the column id"));
}

TEST_CASE("a placeholder of rowmill's own that is also a column of the table is refused with what to write instead") {
    table::Selection selection = invoices();
    selection.table.columns.push_back({"Run_id", "bigint", "bigint", "", ValueType::integer});
    selection.table.columns.push_back({"batch", "int", "int", "", ValueType::integer});
    const std::string row =
        refusal(sql_job({"UPDATE invoices SET Run_id = :run_id WHERE id = :id"}), ErrorKind::usage, selection);
    CHECK(contains(row, "action.statement: :run_id is a placeholder of rowmill's own, and invoices has a column"));
    CHECK(contains(row, "write `Run_id` without the colon"));
    CHECK(contains(row, "pass it as a parameter of another name"));
    CHECK(contains(refusal(sql_job({"DELETE FROM invoices WHERE :batch"}), ErrorKind::usage, selection), "use :range"));
    CHECK(refusal(sql_job({"UPDATE invoices SET Run_id = 1 WHERE :range"}), ErrorKind::usage, selection).empty());
}

TEST_CASE("a parameter may bear the name of a column that is not read") {
    job::Job job = sql_job({"UPDATE invoices SET note = :note WHERE id = :id"});
    job.params = {param("note")};
    const auto plan = prepared(job, invoices(), {{"note", Value::text("paid")}});
    CHECK(rendered(plan, {{"1"}}) == "UPDATE invoices SET note = 'paid' WHERE ((`id` IN (1)))");
    CHECK(action::columns_used(job, plan.selection->table, plan.selection->key).empty());
}

TEST_CASE("the columns that statements name are those to read, once each and without the key's") {
    const job::Job job =
        sql_job({"UPDATE invoices SET state = :NOTE, note = :note WHERE id = :id", "DELETE FROM x WHERE t = :total"});
    const table::Selection selection = invoices();
    CHECK(action::columns_used(job, selection.table, selection.key) == std::vector<std::string>{"note", "total"});
}

TEST_CASE(":ids, :lo and :hi are refused for a key of several columns") {
    for (const char* where : {"id IN (:ids)", "id BETWEEN :lo AND :hi"}) {
        const std::string sentence = refusal(sql_job({std::string{"DELETE FROM invoices WHERE "} + where}),
                                             ErrorKind::usage, invoices({"shop_id", "id"}));
        CHECK(contains(sentence, "use :batch"));
    }
}

TEST_CASE(":lo and :hi need :filter where there is a filter") {
    const std::string sentence =
        refusal(sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi"}), ErrorKind::usage, filtered());
    CHECK(contains(sentence, "must say :filter too"));
    CHECK(refusal(sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi AND :filter"}), ErrorKind::usage,
                  filtered())
              .empty());
    CHECK(refusal(sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi"})).empty());
}

TEST_CASE(":lo and :hi need :filter where partitions are chosen, for between them lie rows of others") {
    table::Selection selection = invoices();
    selection.partitions = {"p0"};
    const std::string sentence =
        refusal(sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi"}), ErrorKind::usage, selection);
    CHECK(contains(sentence, "must say :filter too"));
    CHECK(contains(sentence, "source.partitions"));
}

TEST_CASE(":lo without :hi is refused") {
    CHECK(contains(refusal(sql_job({"DELETE FROM invoices WHERE id >= :lo"})), ":lo and :hi go together"));
}

TEST_CASE("a batch's placeholder beside a row's is refused") {
    const std::string sentence = refusal(sql_job({"UPDATE invoices SET total = :id WHERE :batch"}));
    CHECK(contains(sentence, ":batch stands for a whole batch and :id for one row"));
}

TEST_CASE("a statement that names neither row nor batch is refused") {
    CHECK(contains(refusal(sql_job({"UPDATE invoices SET total = 1"})), "names no row and no batch"));
}

TEST_CASE("a statement that breaks exactly-once is refused unless at_least_once") {
    job::Job job = sql_job({"CALL fix_invoice(:id)"});
    CHECK(contains(refusal(job, ErrorKind::refused), "at_least_once"));
    job.action.at_least_once = true;
    CHECK(refusal(job).empty());
}

TEST_CASE("a statement that assigns a key column is refused, even with at_least_once") {
    job::Job job = sql_job({"UPDATE invoices SET note = 'x', `ID` = id + 1 WHERE id = :id"});
    job.action.at_least_once = true;
    CHECK(contains(refusal(job, ErrorKind::refused), "assigns id, a column of the key"));
}

TEST_CASE("a column of another table may be assigned though it is called as the key is") {
    CHECK(refusal(sql_job({"UPDATE other SET id = 1 WHERE invoice = :id"}), ErrorKind::refused).empty());
    CHECK(refusal(sql_job({"UPDATE archive.invoices SET id = 1 WHERE invoice = :id"}), ErrorKind::refused).empty());
}

TEST_CASE("the forms of statements follow from their placeholders") {
    const auto form = [](const std::string& statement) { return prepared(sql_job({statement})).forms.at(0); };
    CHECK(form("UPDATE invoices SET total = 1 WHERE :range") == Form::range);
    CHECK(form("UPDATE invoices SET total = 1 WHERE :batch") == Form::batch);
    CHECK(form("UPDATE invoices SET total = 1 WHERE id IN (:ids)") == Form::batch);
    CHECK(form("UPDATE invoices SET total = 1 WHERE id BETWEEN :lo AND :hi") == Form::batch);
    CHECK(form("INSERT INTO log (id) VALUES (:id)") == Form::row);
    CHECK(form("UPDATE invoices SET total = 1 WHERE id = :id + 0") == Form::row);
}

TEST_CASE("batches come as stretches for one unlocked :range statement only") {
    const std::string range = "UPDATE invoices SET total = 1 WHERE :range";
    CHECK(prepared(sql_job({range}), filtered()).stretches_only());
    CHECK_FALSE(prepared(sql_job({range, range})).stretches_only());
    job::Job job = sql_job({range});
    job.action.lock = true;
    CHECK_FALSE(prepared(job).stretches_only());
    job.action.lock.reset();
    job.action.expect_rows = job::ActionSpec::ExpectRows::batch;
    CHECK_FALSE(prepared(job).stretches_only());
    table::Selection selection = invoices();
    selection.partitions = {"p0"};
    CHECK_FALSE(prepared(sql_job({range}), selection).stretches_only());
}

TEST_CASE("rows are locked by default with a filter or several statements") {
    const std::string row = "UPDATE invoices SET total = 1 WHERE id = :id";
    CHECK_FALSE(prepared(sql_job({row})).lock);
    CHECK(prepared(sql_job({row}), filtered()).lock);
    CHECK(prepared(sql_job({row, row})).lock);
    job::Job job = sql_job({row, row});
    job.action.lock = false;
    CHECK_FALSE(prepared(job).lock);
}

TEST_CASE("rows are not locked by default on a server that is not the source's") {
    job::Job job = sql_job({"INSERT INTO copies VALUES (:id)"});
    job.action.dsn = "mysql://elsewhere/";
    CHECK_FALSE(prepared(job, filtered()).lock);
}

TEST_CASE("one statement that carries the filter itself needs no lock") {
    CHECK_FALSE(prepared(sql_job({"UPDATE invoices SET total = 1 WHERE :range"}), filtered()).lock);
    CHECK_FALSE(prepared(sql_job({"DELETE FROM invoices WHERE id BETWEEN :lo AND :hi AND :filter"}), filtered()).lock);
    CHECK(prepared(sql_job({"INSERT INTO log SELECT id FROM invoices WHERE :batch AND :filter"}), filtered()).lock);
}

TEST_CASE("a filter takes parameters as values only") {
    job::Job job = sql_job({"DELETE FROM invoices WHERE :batch"});
    job.source.where = "state = :state AND note <> ':state'";
    job.params = {param("state")};
    CHECK(action::render_filter(job, {{"state", Value::text("' OR '1'='1")}}, plain_quote) ==
          "state = ''' OR ''1''=''1' AND note <> ':state'");
}

TEST_CASE("a filter's placeholder that is no parameter is refused") {
    job::Job job = sql_job({"DELETE FROM invoices WHERE :batch"});
    job.source.where = "state = :stat";
    job.params = {param("state")};
    CHECK_THROWS_WITH(action::render_filter(job, {{"state", {}}}, plain_quote),
                      "source.where: there is no placeholder :stat; did you mean :state? There are :state");
}
