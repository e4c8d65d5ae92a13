#include "nightly.hpp"

#include <doctest/doctest.h>

#include <signal.h>

using namespace rowmill::test;

TEST_CASE("a nightly run works on what came after the night before, and says from where to where") {
    Nightly shop{20};
    const Finished first = shop.run();
    INFO(first.errors);
    CHECK(first.how() == "exit 0");
    CHECK(says(first.errors, "run 1: no earlier run has succeeded: rows from the beginning up to 20"));
    shop.insert(30);
    const Finished second = shop.run();
    INFO(second.errors);
    CHECK(second.how() == "exit 0");
    CHECK(says(second.errors, "run 2: rows above 20 (run 1's bound) up to 50"));
    CHECK(text_of(shop.status(), "settled") == "30");
    CHECK(shop.with(1) == "50");
}

TEST_CASE("a night without a new row succeeds and carries the bound on, also where the last rows were deleted") {
    Nightly shop{20};
    REQUIRE(shop.run().how() == "exit 0");
    shop.execute("DELETE FROM orders WHERE id > 15");
    const Finished second = shop.run();
    INFO(second.errors);
    CHECK(second.how() == "exit 0");
    CHECK(says(second.errors, "run 2: no rows above 20 (run 1's bound)"));
    CHECK(text_of(shop.status(), "bound") == "20");
    CHECK(text_of(shop.status(), "settled") == "0");
    shop.execute("DELETE FROM orders");
    CHECK(shop.run().how() == "exit 0");
    shop.insert(5);
    const Finished fourth = shop.run();
    CHECK(fourth.how() == "exit 0");
    CHECK(says(fourth.errors, "run 4: rows above 20 (run 3's bound) up to 25"));
    CHECK(shop.with(1) == "5");
}

TEST_CASE("where the dead letters of a night are tried again and that is cancelled, no later night begins below its bound") {
    Nightly shop{20, "", "[run]\nmax_failures = 5\n"};
    shop.execute("UPDATE orders SET n = 2147483647 WHERE id = 7");
    REQUIRE(shop.run().how() == "exit 3");
    REQUIRE(shop.rowmill("retry", {"1", "--flag-file", "nightly.toml", "--run-time", "100ms"}).how() == "exit 4");
    REQUIRE(shop.rowmill("cancel", {"1"}).how() == "exit 0");
    shop.insert(5);
    const Finished next = shop.run();
    CHECK(next.how() == "exit 0");
    CHECK(says(next.errors, "run 2: rows above 20 (run 1's bound) up to 25"));
    CHECK(shop.with(1) == "24");
}

TEST_CASE("a night that is begun anew after its dead letters were tried again begins where it did") {
    Nightly shop{20, "", "[run]\nmax_failures = 5\n"};
    shop.execute("UPDATE orders SET n = 2147483647 WHERE id = 7");
    REQUIRE(shop.run().how() == "exit 3");
    REQUIRE(shop.rowmill("retry", {"1", "--flag-file", "nightly.toml", "--run-time", "100ms"}).how() == "exit 4");
    const Finished anew = shop.run({"--restart", "--yes"});
    CHECK(anew.how() == "exit 3");
    CHECK(says(anew.errors, "run 2: no earlier run has succeeded: rows from the beginning up to 20"));
}

TEST_CASE("over an empty table there is no bound yet") {
    Nightly shop;
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.run().how() == "exit 0");
    shop.insert(3);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "3");
}

TEST_CASE("each set of parameters has a bound of its own") {
    Nightly shop{4, "where = \"id % 2 = :half\"\n", "[params.half]\ntype = \"integer\"\nrequired = true\n"};
    CHECK(shop.run({"--param", "half=0"}).how() == "exit 0");
    shop.insert(4);
    CHECK(shop.run({"--param", "half=1"}).how() == "exit 0");
    CHECK(shop.scalar("SELECT GROUP_CONCAT(id ORDER BY id) FROM orders WHERE n = 1") == "1,2,3,4,5,7");
    CHECK(shop.run({"--param", "half=0"}).how() == "exit 0");
    CHECK(shop.with(1) == "8");
}

TEST_CASE("rows are read above the bound up to source.to, with equal widths too") {
    Nightly shop{40, "sacks = \"width\"\nto = 30\n"};
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "30");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "30");
    shop.write("nightly.toml", std::string{Nightly::source} + "sacks = \"width\"\n" + Nightly::action);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "40");
}

TEST_CASE("a key that does not only grow is refused unless the job says that it does") {
    Nightly shop{20};
    shop.execute("ALTER TABLE orders MODIFY id BIGINT NOT NULL");
    check_refusal(shop.run(), {"since = \"last-run\"", "PRIMARY (id)", "AUTO_INCREMENT", "monotonic = true"});
    shop.write("nightly.toml", std::string{Nightly::source} + "monotonic = true\n" + Nightly::action);
    CHECK(shop.run().how() == "exit 0");
    shop.execute("INSERT INTO orders VALUES (100, 0)");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "21");
}

TEST_CASE("a descending order is refused") {
    const Nightly shop{3, "order = \"desc\"\n"};
    check_refusal(shop.run(), {"since = \"last-run\"", "order = \"desc\""});
}

TEST_CASE("a bound that is not waited for is refused") {
    const Nightly shop{3, "settle = \"0\"\n"};
    check_refusal(shop.run(), {"settle = \"0\"", "no row appears later"});
}

TEST_CASE("without the PROCESS privilege it must be said how long the bound is waited for") {
    Nightly shop{3};
    Account account{shop, "SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, DELETE"};
    account.grant("ALL", "`" + shop.store_name() + "`.*");
    shop.use_dsn(account.dsn());
    check_refusal(shop.run(), {"no PROCESS privilege", "source.settle"});
    shop.write("nightly.toml", std::string{Nightly::source} + "settle = \"10ms\"\n" + Nightly::action);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "3");
}

TEST_CASE("a bound that an earlier run did not wait for is refused, and may be taken all the same") {
    Nightly shop{3};
    shop.write("nightly.toml", std::string{"[source]\ntable = \"orders\"\nsettle = \"0\"\n"} + Nightly::action);
    REQUIRE(shop.run().how() == "exit 0");
    shop.write("nightly.toml", std::string{Nightly::source} + Nightly::action);
    shop.insert(2);
    check_refusal(shop.run(), {"run 1 did not wait", "--from-beginning", "--accept-changes"});
    CHECK(shop.run({"--accept-changes"}).how() == "exit 0");
    CHECK(shop.with(1) == "5");
}

TEST_CASE("a table whose ids begin again is refused, and may be worked through from its beginning") {
    Nightly shop{20};
    REQUIRE(shop.run().how() == "exit 0");
    shop.execute("TRUNCATE TABLE orders");
    shop.insert(5);
    check_refusal(shop.run(), {"will have the id 6", "below 20", "run 1", "--from-beginning"});
    const Finished anew = shop.run({"--from-beginning"});
    INFO(anew.errors);
    CHECK(anew.how() == "exit 0");
    CHECK(shop.with(1) == "5");
    shop.insert(2);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "7");
}

TEST_CASE("the bound of another table is refused") {
    Nightly shop{5};
    REQUIRE(shop.run().how() == "exit 0");
    shop.execute("CREATE TABLE others LIKE orders");
    shop.write("nightly.toml", "[source]\ntable = \"others\"\nsince = \"last-run\"\n"
                               "[action]\nstatement = \"UPDATE others SET n = n + 1 WHERE :batch\"\n");
    check_refusal(shop.run(), {"run 1 is of another key", "orders", "others", "--from-beginning"});
}

TEST_CASE("a run that was cancelled leaves its rows to the next one") {
    Nightly shop{20};
    REQUIRE(shop.run().how() == "exit 0");
    shop.insert(20);
    REQUIRE(shop.run({"--limit", "5", "--batch", "5"}).how() == "exit 4");
    const Finished anew = shop.run({"--restart", "--yes"});
    INFO(anew.errors);
    CHECK(anew.how() == "exit 0");
    CHECK(says(anew.errors, "run 3: rows above 20 (run 1's bound) up to 40"));
    CHECK(shop.with(1) == "35");
}

TEST_CASE("a resumed run ends at its own bound, and the next one begins there") {
    Nightly shop{20};
    REQUIRE(shop.run({"--limit", "5", "--batch", "5"}).how() == "exit 4");
    shop.insert(20);
    const Finished resumed = shop.run();
    CHECK(resumed.how() == "exit 0");
    CHECK(says(resumed.errors, "resuming run 1"));
    CHECK(shop.with(1) == "20");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "40");
}

TEST_CASE("what rowmill plan shows begins above the last bound") {
    Nightly shop{20};
    REQUIRE(shop.run().how() == "exit 0");
    CHECK(says(shop.rowmill("plan", {"nightly.toml"}).output, "(no rows)"));
    shop.insert(20);
    const Finished plan = shop.rowmill("plan", {"nightly.toml"});
    INFO(plan.output);
    CHECK(says(plan.output, "after 20 up to 40, 20 rows"));
}
