#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

using namespace rowmill::test;

namespace {

const std::string add_one = "UPDATE books SET n = n + 1 WHERE id = :id";
const std::string source = "[source]\ntable = \"books\"\n";
const std::string action = "[action]\nstatement = \"" + add_one + "\"\n";

using Parts = std::initializer_list<std::string_view>;

/// A refusal leaves nothing behind: no run store, and the books as they were.
void check_untouched(Shop& shop) {
    CHECK_FALSE(shop.has_store());
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n <> 0 OR price <> 10") == "0");
}

void check_job_refused(Shop& shop, const std::string& job, Parts parts) {
    CAPTURE(job);
    check_refusal(shop.run_job(job), parts);
    check_untouched(shop);
}

void check_refused(Shop& shop, std::vector<std::string> flags, Parts parts) {
    for (const std::string& flag : flags) INFO(flag);
    check_refusal(shop.rowmill("run", std::move(flags)), parts);
    check_untouched(shop);
}

}  // namespace

TEST_CASE("a key that does not exist is refused with its line and the nearest key that does") {
    Shop shop;
    check_job_refused(shop, "[sorce]\ntable = \"books\"\n" + action, {"job.toml:1:2", "'sorce'", "\"source\""});
    check_job_refused(shop, "[source]\ntabel = \"books\"\n" + action, {"job.toml:2:1", "source.tabel", "\"table\""});
    check_job_refused(shop, source + action + "[run]\nsack_row = 5\n", {"run.sack_row", "\"sack_rows\""});
    check_job_refused(shop, source + action + "[params.x]\ntyp = \"date\"\n", {"params.x.typ", "\"type\""});
}

TEST_CASE("a value of the wrong kind is refused with what would do") {
    Shop shop;
    check_job_refused(shop, source + action + "[run]\nbatch = \"many\"\n", {"job.toml:6:9", "run.batch", "integer"});
    check_job_refused(shop, source + action + "[run]\nbackoff = \"soon\"\n", {"run.backoff", "soon"});
    check_job_refused(shop, source + action + "warnings = \"ignore\"\n", {"action.warnings", "\"fail\" or \"allow\""});
    check_refused(shop, {"--table", "books", "--sql", add_one, "--batch", "0"}, {"--batch", "1 to"});
}

TEST_CASE("a job file that is missing, a folder, or no TOML is refused with its name and place") {
    Shop shop;
    check_refused(shop, {"nothing.toml"}, {"nothing.toml", "No such file"});
    check_refused(shop, {shop.folder()}, {"directory"});
    check_job_refused(shop, "[&", {"job.toml:1:2"});
    check_job_refused(shop, "[source\ntable = 1\n", {"job.toml:1:"});
    check_job_refused(shop, "", {"job.toml", "table is missing"});
}

TEST_CASE("what later versions will do is refused, and not left out without a word") {
    Shop shop;
    check_job_refused(shop, source + "[action]\nkind = \"archive\"\n", {"action.kind", "not available in this version"});
    check_job_refused(shop, "[source]\nkind = \"csv\"\n" + action, {"source.kind", "not available"});
    check_refusal(shop.rowmill("queue"), {"rowmill queue is not available in this version"});
}

TEST_CASE("a slip in a command or a flag is answered with the nearest one") {
    Shop shop;
    check_refusal(run_rowmill({"stauts"}), {"no command stauts", "status", "rowmill --help"});
    check_refusal(run_rowmill({"bogus"}), {"no command bogus", "run, plan, status"});
    check_refusal(run_rowmill({"--verison"}), {"--verison"});
    check_refused(shop, {"--tabel", "books"}, {"no flag --tabel", "--table", "rowmill run --help"});
    check_refused(shop, {"--table", "books", "--sack-row=3"}, {"no flag --sack-row", "--sack-rows"});
    check_refusal(run_rowmill({"run", "--table"}), {"--table needs a value"});
    check_refused(shop, {"--table", "books", "--limit", "ten"}, {"--limit must be a whole number, not 'ten'"});
    check_refusal(run_rowmill({"failures"}), {"RUN is missing", "rowmill failures --help"});
}

TEST_CASE("a job is named once, by a file or by a table") {
    Shop shop;
    check_refused(shop, {}, {"name a job file", "--table"});
    check_refused(shop, {"job.toml", "--table", "books"}, {"job file", "--table"});
    check_refused(shop, {"job.toml", "--where", "n = 0"}, {"--where", "--table"});
    check_refused(shop, {"job.toml", "other.toml"}, {"other.toml", "too many"});
}

TEST_CASE("a password on the command line is not taken, and not repeated") {
    Shop shop;
    for (const char* flag : {"-popen-sesame", "--password=open-sesame"}) {
        const Finished finished = shop.rowmill("run", {"--table", "books", flag});
        check_refusal(finished, {"a password is no argument", "--password-file"});
        CHECK_FALSE(says(finished.errors, "open-sesame"));
    }
    const Finished finished = shop.rowmill("run", {"mysql://root:open-sesame@db1/shop"});
    check_refusal(finished, {"a DSN is no job file", "ROWMILL_DSN"});
    CHECK_FALSE(says(finished.errors, "open-sesame"));
}

TEST_CASE("parameters are asked for, known and typed before anything else happens") {
    Shop shop;
    const std::string job = source +
                            "where = \"n < :most AND title <> :title\"\n[params.most]\ntype = \"integer\"\n"
                            "required = true\n[params.title]\ndefault = \"\"\n" +
                            action;
    check_job_refused(shop, job, {"most (integer) is missing", "--param most="});
    check_refusal(shop.run_job(job, {"--param", "most=abc"}), {"most", "an integer", "'abc'"});
    check_refusal(shop.run_job(job, {"--param", "most=1 OR 1=1"}), {"most", "an integer", "'1 OR 1=1'"});
    check_refusal(shop.run_job(job, {"--param", "mots=1"}), {"no parameter \"mots\"", "\"most\""});
    check_refusal(shop.run_job(job, {"--param", "most"}), {"--param most needs a value"});
    check_refusal(shop.run_job(job, {"--param", "most=1", "--param", "most=2"}), {"most", "twice"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET n = :many WHERE id = :id"},
                  {"--sql", ":many", "--param many="});
    check_refused(shop, {"--table", "books", "--sql", add_one, "--param", "many=3"}, {"no parameter \"many\""});
    check_untouched(shop);
}

TEST_CASE("a parameter that looks like SQL is a value, byte for byte, in filters and in statements") {
    Shop shop;
    for (const std::string evil :
         {"x' OR '1'='1", "x\\' OR 1=1 -- ", "'; DROP TABLE books; -- ", "\") OR (\"1\"=\"1"}) {
        CAPTURE(evil);
        const Finished none = shop.rowmill(
            "run", {"--table", "books", "--where", "title = :title", "--sql", add_one, "--param", "title=" + evil});
        INFO(none.errors);
        CHECK(none.how() == "exit 0");
        CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");

        const Finished set = shop.rowmill(
            "run", {"--table", "books", "--sql", "UPDATE books SET title = LEFT(:title, 20) WHERE id = :id", "--param",
                    "title=" + evil});
        INFO(set.errors);
        CHECK(set.how() == "exit 0");
        const std::string hex = shop.scalar("SELECT HEX(title) FROM books WHERE id = 3");
        CHECK(hex.size() == 2 * std::min<std::size_t>(20, evil.size()));
        CHECK(shop.scalar("SELECT COUNT(DISTINCT title) FROM books") == "1");
        CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE title = '" + std::string{evil.front() == 'x' ? "x" : "y"} +
                          "'") == "0");
    }
}

TEST_CASE("a table, column, index, partition or database that is not there is refused with the nearest name") {
    Shop shop;
    check_refused(shop, {"--table", "boks"}, {"no table", "boks", "did you mean books?"});
    check_job_refused(shop, source + "columns = [\"titel\"]\n" + action, {"no column titel", "did you mean title?"});
    check_job_refused(shop, source + "key_index = \"primry\"\n" + action, {"no index primry", "the primary key (id)"});
    check_job_refused(shop, source + "partitions = [\"p0\"]\n" + action, {"source.partitions", "has no partitions"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE boks SET n = 1 WHERE id = :id"}, {"--sql: ", "boks"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET m = 1 WHERE id = :id"}, {"--sql: ", "'m'"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET n = 1 WHERE id = :idd"},
                  {":idd", "did you mean :id?"});
    const std::string other = shop.name().substr(0, shop.name().size() - 1) + "x";
    check_refused(shop, {"-D", other, "--table", "books"}, {"no database " + other, "did you mean " + shop.name()});
    check_refused(shop, {"--table", other + ".books"}, {"no database", other, "did you mean"});
}

TEST_CASE("a table can be named with its database where the connection has none") {
    Shop shop;
    shop.use_dsn(server_dsn());
    check_refused(shop, {"--table", "books"}, {"no database", "-D", "database.table"});
    const Finished finished = shop.rowmill("run", {"--table", shop.name() + ".books", "--sql", add_one});
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
}

TEST_CASE("a table without a usable key is refused with the reason and what would do") {
    Shop shop;
    shop.execute("CREATE TABLE nokey (a INT, b INT NOT NULL, UNIQUE maybe (a), UNIQUE sure (b))");
    check_refused(shop, {"--table", "nokey"}, {"no primary key", "source.key_index", "sure (b)"});
    shop.execute("CREATE TABLE bare (a INT)");
    check_refused(shop, {"--table", "bare"}, {"no primary key", "add a primary key"});
    for (const char* type : {"FLOAT", "DOUBLE", "ENUM('x','y')", "SET('x')", "BIT(8)"}) {
        CAPTURE(type);
        shop.execute("CREATE OR REPLACE VIEW looked AS SELECT 1");
        shop.execute("DROP TABLE IF EXISTS keyed");
        shop.execute(std::string{"CREATE TABLE keyed (k "} + type + " PRIMARY KEY)");
        check_refused(shop, {"--table", "keyed"}, {"can't be read by the primary key (k)", "column k"});
    }
    check_refused(shop, {"--table", "looked"}, {"is a view"});
    check_job_refused(shop, "[source]\ntable = \"nokey\"\nkey_index = \"maybe\"\n[action]\nkind = \"none\"\n",
                      {"column a may be NULL"});
}

TEST_CASE("a mistake in the SQL of a filter or a statement is told with its place") {
    Shop shop;
    check_refused(shop, {"--table", "books", "--where", "n = = 1"}, {"--where: ", "syntax"});
    check_refused(shop, {"--table", "books", "--where", "m = 1"}, {"--where: ", "'m'"});
    check_refused(shop, {"--table", "books", "--where", "n = 1) OR (1 = 1"}, {"--where", "parenthesis"});
    check_job_refused(shop, source + "where = \"n =\"\n" + action, {"job.toml: source.where: ", "syntax"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET WHERE id = :id"}, {"--sql: ", "syntax"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET n = (1 WHERE id = :id"},
                  {"--sql", "parenthesis"});
    check_job_refused(
        shop, source + "[action]\nstatements = [\"" + add_one + "\", \"UPDATE books SET m = 1 WHERE :batch\"]\n",
        {"job.toml: action.statements[2]: ", "'m'"});
}

TEST_CASE("a statement that would scan the table is refused, and --allow-full-scan lets it run") {
    Shop shop;
    const std::string scan = "UPDATE books SET n = n + 1 WHERE title = :title";
    check_refused(shop, {"--table", "books", "--sql", scan},
                  {"--sql would scan all of table books", "--allow-full-scan"});
    const Finished allowed = shop.rowmill("run", {"--table", "books", "--sql", scan, "--allow-full-scan"});
    INFO(allowed.errors);
    CHECK(allowed.how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "20");
}

TEST_CASE("a filter that asks another table once for each row without an index is refused") {
    Shop shop{300};
    shop.execute(
        "CREATE TABLE sales (id INT PRIMARY KEY AUTO_INCREMENT, book INT NOT NULL, filler CHAR(200) DEFAULT 'x')");
    shop.execute("INSERT INTO sales (book) SELECT a.id FROM books a JOIN books b ON b.id <= 10");
    shop.execute("ANALYZE TABLE sales");
    check_refused(
        shop, {"--table", "books", "--where", "(SELECT MAX(sales.book) FROM sales WHERE sales.book < books.id) > 3"},
        {"scan table sales once for each row", "--allow-full-scan"});
}

TEST_CASE("a statement that names no row, or that assigns the key, is refused") {
    Shop shop;
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET n = n + 1"},
                  {"--sql", "no row and no batch", ":id"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET id = id + 1000 WHERE id = :id"},
                  {"--sql", "assigns id", "key"});
    check_refused(shop, {"--table", "books", "--sql", "UPDATE books SET n = 1 WHERE id = :id AND :batch"},
                  {":batch", ":id"});
    check_refused(
        shop, {"--table", "books", "--where", "n = 0", "--sql", "UPDATE books SET n = 1 WHERE id BETWEEN :lo AND :hi"},
        {":filter"});
}
