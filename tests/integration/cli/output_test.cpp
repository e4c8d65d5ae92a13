#include "support/shop.hpp"
#include "support/status_keys.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

using namespace rowmill::test;

namespace {

const std::string add_one = "UPDATE books SET n = n + 1 WHERE id = :id";
const std::vector<std::string> add_one_to_books{"--table", "books", "--sql", add_one};

std::vector<std::string> with(std::vector<std::string> flags, const std::vector<std::string>& more) {
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::string content_of(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void check_keys(const boost::json::object& object) {
    std::set<std::string> keys;
    for (const auto& [key, value] : object) keys.insert(key);
    CHECK(keys == std::set<std::string>{status_keys.begin(), status_keys.end()});
}

}  // namespace

TEST_CASE("status --json prints one object with the promised keys") {
    Shop shop;
    shop.execute("UPDATE books SET price = 99 WHERE id = 4");
    const std::string job =
        "[job]\nname = \"raise\"\n[params.by]\ntype = \"integer\"\n[params.key]\nsecret = true\n"
        "[source]\ntable = \"books\"\n[action]\n"
        "statement = \"UPDATE books SET price = price + :by, title = :key WHERE id = :id\"\n";
    REQUIRE(shop.run_job(job, {"--param", "by=5", "--param", "key=sesame"}).how() == "exit 3");
    const auto status = shop.status();
    check_keys(status);
    CHECK(text_of(status, "run") == "1");
    CHECK(text_of(status, "job") == "raise");
    CHECK(text_of(status, "state") == "succeeded");
    CHECK(status.at("params").as_object().at("by") == 5);
    CHECK(status.at("params").as_object().at("key") == "***");
    CHECK(text_of(status, "bound") == "20");
    CHECK(text_of(status, "total") == "20");
    CHECK(text_of(status, "percent") == "100");
    CHECK(text_of(status, "settled") == "20");
    CHECK(text_of(status, "succeeded") == "19");
    CHECK(text_of(status, "dead_letters") == "1");
    CHECK(text_of(status, "waiting_for") == "null");
    CHECK(text_of(status, "sacks") == R"({"total":1,"done":1})");
    CHECK(text_of(status, "workers") == "[]");
    CHECK(text_of(status, "started_at").size() == 20);
    CHECK(text_of(status, "finished_at").size() == 20);
}

TEST_CASE("status shows a run that was stopped, and how to go on with it") {
    Shop shop;
    check_refusal(shop.rowmill("status"), {"no run store", shop.store_name()});
    REQUIRE(shop.rowmill("init").how() == "exit 0");
    check_refusal(shop.rowmill("status"), {"no run in this store yet"});
    CHECK(shop.rowmill("status", {"--all", "--json"}).output == "[]\n");
    REQUIRE(shop.rowmill("run", with(add_one_to_books, {"--limit", "5"})).how() == "exit 4");
    const Finished stopped = shop.rowmill("status");
    CHECK(stopped.errors == "");
    for (const std::string part :
         {"run 1 · ad-hoc-books: interrupted", "5 of 20 (25.0%)", "5 succeeded", "run the job again"})
        CHECK_MESSAGE(says(stopped.output, part), stopped.output);
    REQUIRE(shop.rowmill("run", add_one_to_books).how() == "exit 0");
    REQUIRE(shop.rowmill("run", add_one_to_books).how() == "exit 0");
    CHECK(says(shop.rowmill("status").output, "run 2 · ad-hoc-books: succeeded"));
    CHECK(says(shop.rowmill("status", {"1"}).output, "run 1 · ad-hoc-books: succeeded"));
    const auto all = boost::json::parse(shop.rowmill("status", {"--all", "--json"}).output).as_array();
    CHECK(all.size() == 2);
    check_refusal(shop.rowmill("status", {"7"}), {"there is no run 7", "--all"});
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 2") == "20");
}

TEST_CASE("--progress json prints a status object a line to stderr and nothing else") {
    Shop shop;
    const Finished finished = shop.rowmill("run", with(add_one_to_books, {"--progress", "json"}));
    CHECK(finished.how() == "exit 0");
    CHECK(finished.output == "");
    const auto lines = lines_of(finished.errors);
    REQUIRE(!lines.empty());
    for (const std::string& line : lines) check_keys(boost::json::parse(line).as_object());
    const auto last = boost::json::parse(lines.back()).as_object();
    CHECK(text_of(last, "state") == "succeeded");
    CHECK(text_of(last, "settled") == "20");
}

TEST_CASE("--summary json prints the last status object on stdout and nothing else") {
    Shop shop;
    const Finished finished = shop.rowmill("run", with(add_one_to_books, {"--summary", "json", "--progress", "none"}));
    CHECK(finished.how() == "exit 0");
    CHECK_FALSE(says(finished.errors, "settled"));
    REQUIRE(lines_of(finished.output).size() == 1);
    const auto summary = boost::json::parse(finished.output).as_object();
    check_keys(summary);
    CHECK(text_of(summary, "state") == "succeeded");
    CHECK(text_of(summary, "succeeded") == "20");
    check_refusal(shop.rowmill("run", with(add_one_to_books, {"--summary", "xml"})), {"--summary xml", "json"});
}

TEST_CASE("plain progress and its summary go to stderr, with counts, speed, time and why it ended") {
    Shop shop;
    const Finished finished = shop.rowmill("run", with(add_one_to_books, {"--progress", "plain"}));
    CHECK(finished.output == "");
    for (const std::string part : {"run 1 · ad-hoc-books: succeeded", "20 succeeded · 0 skipped · 0 failed", "rows/s",
                                   "% read", "% work", "% commit", "% waiting", "every sack is done"})
        CHECK_MESSAGE(says(finished.errors, part), finished.errors);
    check_refusal(shop.rowmill("run", with(add_one_to_books, {"--progress", "loud"})),
                  {"--progress loud", "auto, bar, plain, json or none"});
}

TEST_CASE("a log file is appended to, run after run, and one that can't be written stops the run before it begins") {
    Shop shop;
    const std::string log = shop.folder() + "/rowmill.log";
    REQUIRE(shop.rowmill("run", with(add_one_to_books, {"--log-file", log})).how() == "exit 0");
    REQUIRE(shop.rowmill("run", with(add_one_to_books, {"--log-file", log})).how() == "exit 0");
    const std::string text = content_of(log);
    CHECK(says(text, "run 1 · ad-hoc-books: succeeded"));
    CHECK(says(text, "run 2 · ad-hoc-books: succeeded"));
    const std::string nowhere = shop.folder() + "/no/such/folder/log";
    check_refusal(shop.rowmill("run", with(add_one_to_books, {"--log-file", nowhere})),
                  {"--log-file", nowhere, "No such"});
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 2") == "20");
}

TEST_CASE("plan tells key, bound, queries and sacks, and writes nothing") {
    Shop shop;
    const Finished plan = shop.rowmill("plan", with(add_one_to_books, {"--where", "n < 3"}));
    CHECK(plan.how() == "exit 0");
    CHECK(plan.errors == "");
    for (const std::string part :
         {"books", "PRIMARY (id int", "n < 3", "up to        20", "exactly once", "SELECT `id` FROM", "EXPLAIN",
          "on PRIMARY", "the beginning up to 20", "UPDATE books SET n = n + 1", "FOR UPDATE"})
        CHECK_MESSAGE(says(plan.output, part), plan.output);
    CHECK(shop.rowmill("run", with(add_one_to_books, {"--dry-run", "--where", "n < 3"})).output == plan.output);
    CHECK_FALSE(shop.has_store());
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
    CHECK(says(shop.rowmill("plan", {"--table", "books"}).output, "reads only"));
    shop.execute("DELETE FROM books");
    CHECK(says(shop.rowmill("plan", add_one_to_books).output, "(no rows)"));
}

TEST_CASE("plan --sample shows rows before and after, and rolls back") {
    Shop shop;
    const Finished plan = shop.rowmill("plan", with(add_one_to_books, {"--sample", "2"}));
    INFO(plan.errors);
    CHECK(plan.how() == "exit 0");
    CHECK(says(plan.output, "2 of the first 2 rows would change (tried, and rolled back):\n  1\n    n: 0 -> 1\n  2\n"));
    const Finished gone =
        shop.rowmill("plan", {"--table", "books", "--sql", "DELETE FROM books WHERE :batch", "--sample", "3"});
    CHECK(says(gone.output, "3 of the first 3 rows"));
    CHECK(says(gone.output, "(row): there -> deleted"));
    CHECK_FALSE(shop.has_store());
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 0") == "20");
    check_refusal(shop.rowmill("plan", {"--table", "books", "--sample", "2"}), {"--sample", "can only be done with SQL"});
    shop.execute("UPDATE books SET price = 99 WHERE id = 2");
    check_refusal(shop.rowmill("plan", {"--table", "books", "--sql",
                                        "UPDATE books SET price = price + 1 WHERE id = :id", "--sample", "2"}),
                  {"--sample", "fair"});
    CHECK(shop.scalar("SELECT SUM(price) FROM books") == "289.00");
}

TEST_CASE("plan names the unfinished run that would be resumed") {
    Shop shop;
    REQUIRE(shop.rowmill("run", with(add_one_to_books, {"--limit", "5"})).how() == "exit 4");
    CHECK(says(shop.rowmill("plan", add_one_to_books).output, "run 1 (interrupted, 5 rows settled)"));
}

TEST_CASE("a secret parameter is shown by no command and no error") {
    Shop shop;
    const std::string job =
        "[params.key]\nsecret = true\nrequired = true\n[source]\ntable = \"books\"\n"
        "where = \"title <> :key\"\n[action]\nstatement = \"UPDATE books SET title = :key, price = 500 WHERE id = "
        ":id\"\n";
    const std::vector<std::string> flags{"--param", "key=xyzzy"};
    std::string all;
    const auto hear = [&all](const Finished& finished) { all += finished.output + finished.errors; };
    shop.write("job.toml", job);
    hear(shop.rowmill("plan", {"job.toml", "--param", "key=xyzzy"}));
    hear(shop.rowmill("plan", {"job.toml", "--param", "key=xyzzy", "--sample", "1"}));
    hear(shop.run_job(job, flags));
    hear(shop.rowmill("status"));
    hear(shop.rowmill("status", {"--json"}));
    hear(shop.rowmill("failures", {"1"}));
    hear(shop.rowmill("failures", {"1", "--json"}));
    CHECK(says(all, "fair"));
    CHECK_MESSAGE(!says(all, "xyzzy"), all);
}

TEST_CASE("init creates the run store, and says that it is there when run again") {
    Shop shop;
    const Finished first = shop.rowmill("init");
    CHECK(first.how() == "exit 0");
    CHECK(says(first.output, "applied 0001-run-store"));
    CHECK(says(first.output, "the run store " + shop.store_name()));
    CHECK(shop.has_store());
    const Finished second = shop.rowmill("init");
    CHECK(second.how() == "exit 0");
    CHECK_FALSE(says(second.output, "applied"));
}
