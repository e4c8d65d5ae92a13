#include "example.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// The bookshop with a few invoices: two in three carry no service fee, and were totalled without their tax.
struct Bookshop : Example {
    Bookshop() : Example{""} {
        write("schema.sql", read_schema());
        load("schema.sql");
        write("rows.sql",
              "INSERT INTO invoices WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300)"
              " SELECT n, 1 + n MOD 2, n, '2020-01-01', 100, 7, IF(n MOD 3 = 0, 2, 0), IF(n MOD 3 = 0, 109, 100) FROM "
              "n;\n"
              "INSERT INTO books SELECT n, 1, 'A book', 100, n FROM (SELECT id AS n FROM invoices) AS numbers;\n");
        load("rows.sql");
    }

    static std::string read_schema() {
        const Finished file = run_process({"cat", ROWMILL_SOURCE_DIR "/examples/bookshop/schema.sql"});
        return file.output;
    }

    std::string corrected(const std::string& publishers) {
        return scalar("SELECT COUNT(*) FROM invoices WHERE service_fee = 0 AND total = 107 AND publisher_id IN (" +
                      publishers + ")");
    }
};

}  // namespace

TEST_CASE("fix-invoices: the tax is added once to each invoice without a service fee, and to no other") {
    Bookshop shop;
    const Finished run = shop.rowmill({"run", "fix-invoices.toml"});
    INFO(run.errors);
    CHECK(run.how() == "exit 0");
    CHECK(shop.corrected("1, 2") == "200");
    CHECK(shop.scalar("SELECT COUNT(*) FROM invoices WHERE service_fee <> 0 AND total = 109") == "100");
}

TEST_CASE("fix-publisher: one publisher's invoices are corrected, and a second run says that it is done") {
    Bookshop shop;
    const std::vector<std::string> command{"run", "fix-publisher.toml", "--param", "publisher_id=2"};
    for (int turn = 1; turn <= 2; ++turn) {
        const Finished run = shop.rowmill(command);
        INFO(run.errors);
        CHECK(run.how() == "exit 0");
        CHECK(shop.corrected("2") == "100");
        CHECK(shop.corrected("1") == "0");
    }
}

TEST_CASE("read-books: what the filter selects is counted") {
    Bookshop shop;
    const Finished run = shop.rowmill({"run", "read-books.toml", "--summary", "json"});
    INFO(run.errors);
    REQUIRE(run.how() == "exit 0");
    CHECK(json_lines(run.output).back().at("succeeded") == 261);
}
