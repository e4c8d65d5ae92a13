#include "job/read.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace rowmill;
using namespace std::chrono_literals;
using job::Job;
using test::contains;
using test::refusal;
using Names = std::vector<std::string>;

namespace {

const std::string minimal = "[source]\ntable = \"invoices\"\n[action]\nkind = \"none\"\n";

Job parse(const std::string& toml, const job::Overrides& overrides = {}) {
    return job::parse_job(toml, "jobs/fix.toml", overrides);
}

std::string fault_of(const std::string& toml) {
    return refusal([&toml] { parse(toml); });
}

/// The fault of a job with these lines in its [source] or [run].
std::string source_fault(const std::string& lines) {
    return fault_of("[action]\nkind = \"none\"\n[source]\ntable = \"t\"\n" + lines);
}
std::string run_fault(const std::string& lines) {
    return fault_of(minimal + "[run]\n" + lines);
}
std::string action_fault(const std::string& lines) {
    return fault_of("[source]\ntable = \"t\"\n[action]\n" + lines);
}

}  // namespace

TEST_CASE("a job file is read as design says") {
    const Job job = parse(R"(
[job]
name = "fix-regular-invoices"
description = "Recompute"
once = true
[params.publisher_id]
type = "integer"
required = true
[source]
table = "shop.invoices"
where = "service_fee = 0 AND publisher_id = :publisher_id"
columns = ["total"]
sacks = "width"
key_index = "by_number"
from = 10
to = [20, "b"]
partitions = ["p0", "p1"]
order = "desc"
settle = "5s"
[action]
kind = "sql"
statement = "UPDATE invoices SET total = net + tax WHERE id = :id"
lock = false
expect_rows = "batch"
warnings = "allow"
at_least_once = true
[session]
time_zone = "+00:00"
sql_mode = ""
isolation = "READ COMMITTED"
lock_wait_timeout = "30s"
set = { max_statement_time = 5, foreign_key_checks = false, div_precision_increment = "4" }
[run]
workers = 2
batch = 1000
target_time = "0"
rate = 12.5
backoff = "50ms..5s"
max_failures = "2.5%"
page_bytes = "1MB"
[store]
schema = "mill"
)");
    CHECK(job.name == "fix-regular-invoices");
    CHECK(job.once);
    CHECK(job.file == "jobs/fix.toml");
    REQUIRE(job.find_param("publisher_id"));
    CHECK(job.find_param("publisher_id")->required);
    CHECK(job.source.schema == "shop");
    CHECK(job.source.table == "invoices");
    CHECK(job.source.columns == Names{"total"});
    CHECK(job.source.sacks == job::SourceSpec::Sacks::width);
    CHECK(job.source.key_index == "by_number");
    CHECK(job.source.from == Names{"10"});
    CHECK(job.source.to == Names{"20", "b"});
    CHECK(job.source.partitions == Names{"p0", "p1"});
    CHECK(job.source.order == job::SourceSpec::Order::descending);
    CHECK_FALSE(job.source.settle.automatic);
    CHECK(job.source.settle.fixed == 5s);
    CHECK(job.action.kind == "sql");
    CHECK(job.action.statements.size() == 1);
    CHECK(job.action.lock == false);
    CHECK(job.action.expect_rows == job::ActionSpec::ExpectRows::batch);
    CHECK_FALSE(job.action.fail_on_warnings);
    CHECK(job.action.at_least_once);
    CHECK(job.session.sql_mode == "");
    CHECK(job.session.lock_wait_timeout == 30s);
    CHECK_FALSE(job.session.innodb_lock_wait_timeout);
    CHECK(job.session.set.at("max_statement_time") == "5");
    CHECK(job.session.set.at("foreign_key_checks") == "0");
    CHECK(job.run.workers == 2);
    CHECK(job.run.batch_given);
    CHECK(job.run.target_time == 0s);
    CHECK(job.run.rate == 12.5);
    CHECK(job.run.backoff_first == 50ms);
    CHECK(job.run.backoff_cap == 5s);
    CHECK(job.run.max_failures.share == doctest::Approx(0.025));
    CHECK(job.run.page_bytes == 1048576);
    CHECK(job.store_schema == "mill");
}

TEST_CASE("what a job leaves out has design's defaults, and the file's name") {
    const Job job = parse(minimal);
    CHECK(job.name == "fix");
    CHECK(job.source.kind == "table");
    CHECK(job.source.settle.automatic);
    CHECK_FALSE(job.action.lock);
    CHECK(job.action.fail_on_warnings);
    CHECK(job.run.batch == 500);
    CHECK_FALSE(job.run.batch_given);
    CHECK(job.run.timeout == 120s);
    CHECK(job.run.max_failures.share == 0.01);
    CHECK_FALSE(job.run.max_failures.number);
    CHECK(job.run.reconnect_for == 10min);
    CHECK(job.store_schema == "rowmill");
}

TEST_CASE("a statement without a kind is sql, and several travel in one transaction") {
    const Job job = parse(
        "[source]\ntable = \"t\"\n[action]\nstatements = [\"UPDATE a SET x = :id\", \"DELETE FROM b WHERE id = "
        ":id;\"]");
    CHECK(job.action.kind == "sql");
    CHECK(job.action.statements.size() == 2);
}

TEST_CASE("an unknown key is an error that names its place and the nearest known one") {
    CHECK(source_fault("wehre = \"a = 1\"") ==
          "jobs/fix.toml:5:1: there is no key 'source.wehre'; did you mean \"where\"?");
    CHECK(contains(run_fault("batchsize = 1"), "jobs/fix.toml:6:1: there is no key 'run.batchsize'"));
    CHECK(contains(run_fault("zzzzzzz = 1"), "; there are \"workers\", \"concurrency\""));
    CHECK(contains(fault_of(minimal + "[runs]\n"), "there is no key 'runs'; did you mean \"run\"?"));
    CHECK(contains(fault_of("[job]\nnmae = \"x\"\n" + minimal), "did you mean \"name\"?"));
    CHECK(contains(fault_of("[params.a]\ntpye = \"date\"\n" + minimal), "'params.a.tpye'; did you mean \"type\"?"));
    CHECK(contains(fault_of("[throttle]\nmax_leg = \"1s\"\n" + minimal), "did you mean \"max_lag\"?"));
    CHECK(contains(fault_of("[session]\ntimezone = \"UTC\"\n" + minimal), "did you mean \"time_zone\"?"));
}

TEST_CASE("a value of another type is an error that says what it must be") {
    CHECK(run_fault("batch = \"many\"") ==
          "jobs/fix.toml:6:9: run.batch must be an integer from 1 to 1000000, not the text 'many'");
    CHECK(contains(run_fault("batch = 1.5"), "not 1.5"));
    CHECK(contains(run_fault("batch = [1]"), "not a list"));
    CHECK(contains(run_fault("batch = \"5\""), "must be an integer"));
    CHECK(contains(run_fault("rate = true"), "run.rate must be a number, not true"));
    CHECK(contains(run_fault("timeout = 5"), "run.timeout must be a duration"));
    CHECK(contains(run_fault("backoff = 5"), "must be a text"));
    CHECK(contains(source_fault("where = 5"), "source.where must be a text in quotes, not 5"));
    CHECK(contains(source_fault("columns = \"a\""), "must be a list of texts"));
    CHECK(contains(source_fault("columns = [1]"), "must hold texts"));
    CHECK(contains(source_fault("from = {a = 1}"), "must be a value, or a list of values"));
    CHECK(contains(action_fault("kind = \"sql\"\nstatement = \"SELECT 1\"\nlock = \"yes\""), "must be true or false"));
    CHECK(contains(fault_of("run = 5\n" + minimal), "run must be a table, written [run], not 5"));
}

TEST_CASE("a value out of its range is an error") {
    for (const char* line : {"workers = 0",
                             "workers = -1",
                             "workers = 2000",
                             "batch = 0",
                             "batch = 9999999",
                             "rate = -1",
                             "rate = inf",
                             "rate = nan",
                             "max_attempts = 0",
                             "timeout = \"0\"",
                             "sack_rows = 0",
                             "page_bytes = 1",
                             "lease = \"1ms\"",
                             "max_failures = \"101%\"",
                             "max_failures = -1",
                             "max_failures = 0.01",
                             "max_failures = \"%\"",
                             "max_failures = \"nan%\"",
                             "backoff = \"1s..1ms\"",
                             "backoff = \"1s\"",
                             "checkpoint_items = 0"}) {
        CAPTURE(line);
        CHECK(contains(run_fault(line), "jobs/fix.toml:6:"));
    }
    CHECK(contains(fault_of("[session]\nlock_wait_timeout = \"1500ms\"\n" + minimal), "must be in whole seconds"));
}

TEST_CASE("keys that contradict each other are an error") {
    CHECK(contains(action_fault("statement = \"SELECT 1\"\nstatements = [\"SELECT 1\"]"), "exclude each other"));
    CHECK(contains(action_fault("kind = \"none\"\nstatement = \"SELECT 1\""),
                   "action.statement means nothing with kind = \"none\""));
    CHECK(contains(source_fault("from = 10\nto = 9"), "source.to lies below source.from"));
    CHECK(contains(source_fault("from = [1, 5]\nto = [1, 4]"), "lies below"));
    CHECK(contains(source_fault("dsn = \"mysql://replica/\""), "is not available in this version"));
    CHECK(contains(source_fault("columns = [\"a\", \"a\"]"), "names the text 'a' twice"));
    CHECK(source_fault("from = 10\nto = 10") == "(no error)");
    CHECK(source_fault("from = \"b\"\nto = \"A\"") == "(no error)");  // only the server knows their order
}

TEST_CASE("what is missing is named") {
    CHECK(contains(fault_of("[action]\nkind = \"none\""), "jobs/fix.toml: [source] table is missing"));
    CHECK(contains(fault_of(""), "jobs/fix.toml: [source] table is missing"));
    CHECK(contains(fault_of("[source]\ntable = \"t\""), "[action] kind is missing"));
    CHECK(contains(action_fault("kind = \"sql\""), "statement is missing"));
    CHECK(contains(action_fault("statements = []"), "must be a list of statements"));
}

TEST_CASE("a misspelt key is named before the one that is missing for it") {
    CHECK(contains(fault_of("[source]\ntabel = \"t\""), "did you mean \"table\"?"));
    CHECK(contains(action_fault("statment = \"SELECT 1\""), "did you mean \"statement\"?"));
    CHECK(contains(fault_of("[source]\ntable = \"t\"\n[acton]\nkind = \"none\""), "did you mean \"action\"?"));
}

TEST_CASE("what later versions bring is refused, never ignored") {
    for (const char* kind : {"copy", "archive", "delete"}) {
        CHECK(contains(action_fault("kind = \"" + std::string{kind} + "\""),
                       "is not available in this version; there are \"sql\", \"exec\", \"http\" and \"none\""));
    }
    for (const char* kind : {"csv", "ndjson", "queue", "kafka"}) {
        CHECK(contains(source_fault("kind = \"" + std::string{kind} + "\""), "is not available in this version"));
    }
    CHECK(contains(action_fault("kind = \"sqll\""), "did you mean \"sql\"?"));
}

TEST_CASE("throttles are read, and limits of load without a number are an error") {
    const job::Job job = job::parse_job(minimal + "[throttle]\nmax_lag = \"1500ms\"\nreplicas = [\"db2:3306\"]\n"
                                                  "max_load = \"Threads_running=25, Threads_connected = 400\"\nnice = 0.5\n",
                                        "jobs/fix.toml");
    CHECK(job.throttle.max_lag == std::chrono::milliseconds{1500});
    CHECK(job.throttle.replicas == std::vector<std::string>{"db2:3306"});
    REQUIRE(job.throttle.max_load.size() == 2);
    CHECK(job.throttle.max_load[1].variable == "Threads_connected");
    CHECK(job.throttle.max_load[1].limit == 400);
    CHECK(job.throttle.nice == 0.5);
    for (const char* load : {"Threads_running", "Threads_running=", "=3", "Threads_running=many", "Threads_running=-1"})
        CHECK(contains(fault_of(minimal + "[throttle]\nmax_load = \"" + load + "\""), "must name status variables"));
}

TEST_CASE("only some settings can be changed while a run is on") {
    job::Job job = job::parse_job(minimal, "jobs/fix.toml");
    job::change_settings(job, {{"concurrency", "7"}, {"max_lag", "2s"}});
    CHECK(job.run.concurrency == 7);
    CHECK(job.throttle.max_lag == std::chrono::seconds{2});
    job::change_settings(job, {{"max_lag", ""}});
    CHECK_FALSE(job.throttle.max_lag);
    job::change_settings(job, {{"ignore_replicas", "db2, db3:3307"}});
    CHECK(job.throttle.ignore_replicas == std::vector<std::string>{"db2", "db3:3307"});
    job::change_settings(job, {{"ignore_replicas", ""}});
    CHECK(job.throttle.ignore_replicas.empty());
    CHECK_THROWS_WITH(job::change_settings(job, {{"concurency", "7"}}), doctest::Contains("did you mean \"concurrency\"?"));
    CHECK_THROWS_WITH(job::change_settings(job, {{"concurrency", "none"}}), doctest::Contains("--concurrency"));
}

TEST_CASE("broken TOML is an error with line and column, whatever it is") {
    CHECK(contains(fault_of("[source]\ntable = \n"), "jobs/fix.toml:2:"));
    for (const char* toml :
         {"[&", "[", "a = [&", "=", "[a]\n[a]", "a = 1\na = 2", "\x80", "a = '''", "a = 1e", "a = {b = 1"}) {
        CAPTURE(toml);
        CHECK(contains(fault_of(toml), "jobs/fix.toml:"));
    }
}

TEST_CASE("SQL that can't be cut is found where it stands in the file") {
    CHECK(contains(action_fault("statement = \"UPDATE t SET a = 'x\""),
                   "jobs/fix.toml:4:13: action.statement: a quote (') is not closed"));
    CHECK(contains(action_fault("statements = [\"SELECT 1\",\n\"SELECT 1; SELECT 2\"]"),
                   "jobs/fix.toml:5:1: action.statements: there are several"));
    CHECK(contains(source_fault("where = \"a = 1) OR (1 = 1\""), "source.where: a parenthesis is closed"));
    CHECK(contains(source_fault("where = \"\""), "must not be empty"));
}

TEST_CASE("a filter uses parameters only") {
    CHECK(contains(source_fault("where = \"a = :shop\"\n[params.shops]"),
                   "uses :shop, which is no parameter; declare [params.shop]; did you mean \"shops\"?"));
    CHECK(contains(source_fault("where = \"a = :id\""), "uses :id, which is no parameter"));
}

TEST_CASE("a table's name may be quoted") {
    const auto table = [](const std::string& name) {
        const Job job = parse("[action]\nkind = \"none\"\n[source]\ntable = '" + name + "'");
        return job.source.schema + "|" + job.source.table;
    };
    CHECK(table("t") == "|t");
    CHECK(table("2024_orders") == "|2024_orders");
    CHECK(table("a.b") == "a|b");
    CHECK(table("`a.b`.`c``d`") == "a.b|c`d");
    for (const char* wrong : {"", "a.b.c", "a b", "a.", ".a", "t; DROP TABLE t", "``", "a-b", "a, b", "a -- b"}) {
        CAPTURE(wrong);
        CHECK(contains(refusal([&] { table(wrong); }), "source.table must"));
    }
}

TEST_CASE("a DSN takes its secrets from the environment") {
    setenv("ROWMILL_TEST_SECRET", "p@ss$w", 1);
    const Job job =
        parse(minimal + "dsn = \"mysql://a:${ROWMILL_TEST_SECRET}@h/\"\n[store]\ndsn = \"${ROWMILL_TEST_SECRET}\"");
    CHECK(job.action.dsn == "mysql://a:p@ss$w@h/");
    CHECK(job.store_dsn == "p@ss$w");
    unsetenv("ROWMILL_TEST_SECRET");
    CHECK(fault_of(minimal + "dsn = \"mysql://a:secret@${ROWMILL_TEST_SECRET}/\"") ==
          "jobs/fix.toml:5:7: action.dsn takes ${ROWMILL_TEST_SECRET} from the environment, where it is not set");
    CHECK(contains(fault_of(minimal + "dsn = \"${HOME\""), "has a ${ without its }"));
}

TEST_CASE("variables that the promises rest on can't be set for the session") {
    for (const char* name : {"autocommit", "Completion_Type", "character_set_client"}) {
        CHECK(contains(fault_of(minimal + "[session]\nset = { " + name + " = 1 }"), "is set by rowmill"));
    }
    CHECK(contains(fault_of(minimal + "[session]\nset = { tx_isolation = \"x\" }"), "write isolation under [session]"));
    CHECK(contains(fault_of(minimal + "[session]\nset = { \"a = 1, b\" = 1 }"), "is not the name of a variable"));
    CHECK(contains(fault_of(minimal + "[session]\nset = 5"), "session.set must be a table"));
}

TEST_CASE("an isolation level is written as in SQL or as the server shows it") {
    CHECK(parse(minimal + "[session]\nisolation = \"repeatable-read\"").session.isolation == "REPEATABLE READ");
    CHECK(contains(fault_of(minimal + "[session]\nisolation = \"READ UNCOMMITTED\""), "must be \"READ COMMITTED\","));
}

TEST_CASE("a backslash in a literal is refused where the session gives it another meaning") {
    const std::string statement = "[source]\ntable = \"t\"\n[action]\nstatement = 'UPDATE t SET a = \"\\\"'\n";
    CHECK(contains(fault_of(statement), "is not closed"));
    CHECK(contains(action_fault("statement = 'SELECT \"\\n\"'\n[session]\nsql_mode = \"no_backslash_escapes\""),
                   "NO_BACKSLASH_ESCAPES"));
}

TEST_CASE("a flag wins over the file, in its own units") {
    const Job job = parse(minimal + "[run]\nbatch = 7\n", {{"batch", "50"},
                                                           {"sack_rows", "1000"},
                                                           {"target_time", "1.5s"},
                                                           {"max_failures", "3"},
                                                           {"rate", "2.5"},
                                                           {"page_bytes", "512KB"}});
    CHECK(job.run.batch == 50);
    CHECK(job.run.batch_given);
    CHECK(job.run.sack_rows == 1000);
    CHECK(job.run.target_time == 1500ms);
    CHECK(job.run.max_failures.number == 3);
    CHECK(job.run.rate == 2.5);
    CHECK(job.run.page_bytes == 524288);
}

TEST_CASE("a wrong flag is named as a flag") {
    const auto fault = [](const char* key, const char* text) {
        return refusal([&] { parse(minimal, {{key, text}}); });
    };
    CHECK(fault("sack_rows", "many") == "--sack-rows must be an integer from 1 to 1000000000, not 'many'");
    CHECK(contains(fault("batch", "1x"), "--batch must be"));
    CHECK(contains(fault("batch", ""), "--batch must be"));
    CHECK(contains(fault("table", "t"), "--table is not the flag"));
}

TEST_CASE("every overridable key can be given as a flag") {
    for (const job::OverridableKey& key : job::overridable_keys()) {
        CAPTURE(key.key);
        const std::string_view kind = key.value_name;
        const char* text = kind == "DURATION"         ? "7s"
                           : kind == "SIZE"           ? "7MB"
                           : kind == "FIRST..LONGEST" ? "1s..2s"
                           : kind == "NAME=N,…"       ? "Threads_running=7"
                                                      : "7";
        CHECK_NOTHROW(parse(minimal, {{std::string{key.key}, text}}));
        CHECK_FALSE(key.help.empty());
    }
}

TEST_CASE("an ad-hoc job is a table, a filter and a statement") {
    const Job job =
        job::ad_hoc_job("shop.invoices", "fee = 0", "UPDATE invoices SET n = 1 WHERE id = :id", {{"batch", "3"}});
    CHECK(job.file.empty());
    CHECK(job.name == "ad-hoc-invoices");
    CHECK(job.source.schema == "shop");
    CHECK(job.source.where == "fee = 0");
    CHECK(job.action.kind == "sql");
    CHECK(job.run.batch == 3);
    CHECK(job::ad_hoc_job("t", "", "").action.kind == "none");
    CHECK(contains(refusal([] { job::ad_hoc_job("t x", "", ""); }), "--table must be the name of a table"));
    CHECK(contains(refusal([] { job::ad_hoc_job("t", "a = 'x", ""); }), "--where: a quote"));
    CHECK(contains(refusal([] { job::ad_hoc_job("t", "", "SELECT 1; SELECT 2"); }), "--sql: there are several"));
}

TEST_CASE("the placeholders of an ad-hoc filter are parameters that must be given") {
    const Job job = job::ad_hoc_job("t", "shop = :shop", "");
    CHECK(contains(refusal([&job] { job::parse_params(job, {}); }), "the parameter shop (string) is missing"));
    CHECK(job::parse_params(job, {"shop=1 OR 1=1"}).at("shop") == Value::text("1 OR 1=1"));
}

TEST_CASE("a job file that can't be read is an error with the reason") {
    CHECK(contains(refusal([] { job::read_job("/nowhere/x.toml"); }), "/nowhere/x.toml can't be read: No such file"));
    CHECK(contains(refusal([] { job::read_job("/"); }), "can't be read: it is a directory"));
    const auto path = std::filesystem::temp_directory_path() / "rowmill-unit-read.toml";
    std::ofstream{path} << minimal;
    CHECK(job::read_job(path).source.table == "invoices");
    std::filesystem::remove(path);
}
