#include "support/shop.hpp"

#include <doctest/doctest.h>

using namespace rowmill::test;

namespace {

const std::string source = "[source]\ntable = \"books\"\n";

std::string job_with(const std::string& statement, const std::string& more = {}) {
    return source + "[action]\nstatement = \"" + statement + "\"\n" + more;
}

const std::string raise_price = "UPDATE books SET n = n + 1, price = price + 1 WHERE id = :id";

std::vector<boost::json::object> letters_of(const Shop& shop, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"1", "--json"});
    const Finished finished = shop.rowmill("failures", flags);
    CHECK(finished.how() == "exit 0");
    std::vector<boost::json::object> letters;
    for (std::size_t at = 0; at < finished.output.size();) {
        const std::size_t end = finished.output.find('\n', at);
        letters.push_back(boost::json::parse(finished.output.substr(at, end - at)).as_object());
        at = end + 1;
    }
    return letters;
}

}  // namespace

TEST_CASE("of a batch of 500 with three rows that violate a constraint 497 commit and three become dead letters") {
    for (const char* where : {"id = :id", ":batch", "id IN (:ids)", "id BETWEEN :lo AND :hi", ":range"}) {
        CAPTURE(where);
        Shop shop{500};
        shop.execute("UPDATE books SET price = 99 WHERE id IN (7, 250, 500)");
        const Finished finished =
            shop.run_job(job_with("UPDATE books SET n = n + 1, price = price + 1 WHERE " + std::string{where}));
        INFO(finished.errors);
        CHECK(finished.how() == "exit 3");
        CHECK(shop.scalar("SELECT SUM(n) FROM books") == "497");
        CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1 AND price = 11") == "497");
        CHECK(shop.scalar("SELECT SUM(n) FROM books WHERE id IN (7, 250, 500)") == "0");
        const auto status = shop.status();
        CHECK(text_of(status, "state") == "succeeded");
        CHECK(text_of(status, "succeeded") == "497");
        CHECK(text_of(status, "failed") == "3");
        CHECK(text_of(status, "dead_letters") == "3");
        CHECK(letters_of(shop).size() == 3);
        CHECK(says(finished.errors, "rowmill failures 1"));
    }
}

TEST_CASE("failures tells the key, the error's class, the error and the attempts, as text, JSON and CSV") {
    Shop shop{500};
    shop.execute("UPDATE books SET price = 99 WHERE id IN (7, 250)");
    shop.execute("ALTER TABLE books ADD UNIQUE (title)");
    const std::string statement = "UPDATE books SET price = price + 1, title = IF(id = 9, 't10', title) WHERE id = :id";
    REQUIRE(shop.run_job(job_with(statement)).how() == "exit 3");

    const std::string check = shop.scalar("SELECT VERSION() LIKE '%MariaDB%'") == "1" ? "4025" : "3819";
    const auto letters = letters_of(shop);
    REQUIRE(letters.size() == 3);
    CHECK(text_of(letters[0], "run") == "1");
    CHECK(text_of(letters[0], "key") == "[\"7\"]");
    CHECK(text_of(letters[0], "class") == check);
    CHECK(text_of(letters[0], "attempts") == "1");
    CHECK(says(text_of(letters[0], "error"), "fair"));
    CHECK(text_of(letters[0], "first_at").size() == 20);
    CHECK(text_of(letters[1], "key") == "[\"9\"]");
    CHECK(text_of(letters[1], "class") == "1062");
    CHECK(text_of(letters[2], "key") == "[\"250\"]");

    CHECK(letters_of(shop, {"--class", "1062"}).size() == 1);
    CHECK(letters_of(shop, {"--class", "1048"}).empty());

    const Finished csv = shop.rowmill("failures", {"1", "--csv"});
    CHECK(csv.output.starts_with("key,attempts,class,error,first_at,last_at,item\r\n7,1," + check + ",\""));
    const Finished text = shop.rowmill("failures", {"1"});
    CHECK(says(text.output, "250  [" + check + ", 1 attempt, "));
    check_refusal(shop.rowmill("failures", {"9"}), {"there is no run 9"});
    check_refusal(shop.rowmill("failures", {"1", "--csv", "--json"}), {"--csv", "--json"});
}

TEST_CASE("a statement that fails for every row stops the run at max_failures, and the mended job goes on with it") {
    Shop shop{500};
    const std::string limit = "[run]\nmax_failures = 20\nbatch = 50\nworkers = 1\n";
    const Finished failed = shop.run_job(job_with("UPDATE books SET n = n + 1, price = 500 WHERE id = :id", limit));
    INFO(failed.errors);
    CHECK(failed.how() == "exit 1");
    CHECK(says(failed.errors, "max_failures"));
    CHECK(says(failed.errors, "the run resumes"));
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
    const auto status = shop.status();
    CHECK(text_of(status, "state") == "failed");
    CHECK(status.at("settled").as_int64() < 100);
    CHECK(says(text_of(status, "last_error"), "max_failures"));

    const std::string mended = job_with("UPDATE books SET n = n + 1 WHERE id = :id", limit);
    check_refusal(shop.run_job(mended), {"run 1", "changed", "statement", "--accept-changes", "--restart --yes"});
    const Finished resumed = shop.run_job(mended, {"--accept-changes"});
    INFO(resumed.errors);
    // The dead letters of the first attempt are still there to be looked at; they count against it no more.
    CHECK(resumed.how() == "exit 3");
    CHECK(text_of(shop.status(), "run") == "1");
    CHECK(text_of(shop.status(), "state") == "succeeded");
    const std::string letters = std::to_string(letters_of(shop).size());
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == std::to_string(500 - std::stoi(letters)));
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n > 1") == "0");
}

TEST_CASE("a run that failed can be forgotten, and the mended job then ends well over the whole table") {
    Shop shop{50};
    shop.execute("UPDATE books SET price = 99 WHERE id = 40");
    const std::string none = "[run]\nmax_failures = 0\nbatch = 5\nworkers = 1\n";
    CHECK(shop.run_job(job_with(raise_price, none)).how() == "exit 1");
    CHECK(text_of(shop.status(), "failed") == "1");
    const Finished again =
        shop.run_job(job_with("UPDATE books SET n = 7 WHERE id = :id", none), {"--restart", "--yes"});
    INFO(again.errors);
    CHECK(again.how() == "exit 0");
    CHECK(says(again.errors, "run 1 has already settled"));
    CHECK(text_of(shop.status(), "run") == "2");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 7") == "50");
}

TEST_CASE("--restart without --yes says what would be forgotten, and forgets nothing") {
    Shop shop{50};
    REQUIRE(shop.run_job(job_with(raise_price), {"--limit", "10"}).how() == "exit 4");
    check_refusal(shop.run_job(job_with(raise_price), {"--restart"}),
                  {"run 1 has already settled 10 rows", "--restart --yes"});
    CHECK(shop.run_job(job_with(raise_price)).how() == "exit 0");
    CHECK(text_of(shop.status(), "run") == "1");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "50");
}

TEST_CASE("a share in max_failures counts from min_tried on, and does not fail a small table for one bad row") {
    Shop shop{40};
    shop.execute("UPDATE books SET price = 99 WHERE id = 3");
    CHECK(shop.run_job(job_with(raise_price, "[run]\nmax_failures = \"1%\"\n")).how() == "exit 3");
    const Finished strict =
        shop.run_job(job_with(raise_price, "[run]\nmax_failures = \"1%\"\nmin_tried = 10\nbatch = 5\n"));
    INFO(strict.errors);
    CHECK(strict.how() == "exit 1");
    CHECK(text_of(shop.status(), "state") == "failed");
}

TEST_CASE("a value that a lax sql_mode would truncate is a dead letter, and with warnings = \"allow\" goes in") {
    const std::string lax = "[session]\nsql_mode = \"\"\n";
    const std::string longer =
        "UPDATE books SET title = CONCAT(title, IF(id = 4, REPEAT('x', 30), 'y')) WHERE id = :id";
    Shop shop{10};
    CHECK(shop.run_job(job_with(longer, lax)).how() == "exit 3");
    CHECK(shop.scalar("SELECT title FROM books WHERE id = 4") == "t4");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE title LIKE 't%y'") == "9");
    const auto letters = letters_of(shop);
    REQUIRE(letters.size() == 1);
    CHECK(text_of(letters[0], "class") == "1265");
    CHECK(text_of(letters[0], "key") == "[\"4\"]");
    CHECK(shop.run_job(job_with(longer, "warnings = \"allow\"\n" + lax)).how() == "exit 0");
    CHECK(shop.scalar("SELECT LENGTH(title) FROM books WHERE id = 4") == "20");
}

TEST_CASE("with expect_rows = \"batch\" a row that a statement does not match is a failure, else a skip") {
    const std::string some = "UPDATE books SET n = n + 1 WHERE id = :id AND title <> 't5'";
    Shop shop{10};
    CHECK(shop.run_job(job_with(some)).how() == "exit 0");
    CHECK(text_of(shop.status(), "skipped") == "1");
    CHECK(shop.run_job(job_with(some, "expect_rows = \"batch\"\n")).how() == "exit 3");
    const auto status = shop.status();
    CHECK(text_of(status, "failed") == "1");
    CHECK(text_of(status, "succeeded") == "9");
    CHECK(shop.scalar("SELECT GROUP_CONCAT(id) FROM books WHERE n <> 2") == "5");
}

TEST_CASE("several statements of a row succeed or fail together") {
    Shop shop{30};
    shop.execute("CREATE TABLE log (book INT PRIMARY KEY, note VARCHAR(9)) ENGINE = InnoDB");
    shop.execute("UPDATE books SET price = 99 WHERE id = 8");
    shop.execute("INSERT INTO log VALUES (20, 'mine')");
    const std::string job = source +
                            "[action]\nstatements = [\"INSERT INTO log (book) VALUES (:id)\", "
                            "\"UPDATE books SET n = n + 1, price = price + 1 WHERE id = :id\"]\n";
    const Finished finished = shop.run_job(job);
    INFO(finished.errors);
    CHECK(finished.how() == "exit 3");
    CHECK(shop.scalar("SELECT GROUP_CONCAT(id ORDER BY id) FROM books WHERE n = 0") == "8,20");
    CHECK(shop.scalar("SELECT COUNT(*) FROM log") == "29");
    CHECK(shop.scalar("SELECT COUNT(*) FROM log WHERE book = 8") == "0");
}
