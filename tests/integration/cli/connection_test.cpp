#include "support/mariadb.hpp"
#include "support/shop.hpp"
#include "support/trial.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

using namespace rowmill;
using namespace rowmill::test;

namespace {

const std::string add_one = "UPDATE books SET n = n + 1 WHERE id = :id";
const std::vector<std::string> add_one_to_books{"--table", "books", "--sql", add_one};

std::string quoted(const std::string& name) {
    return "`" + name + "`.*";
}

void check_untouched(Shop& shop) {
    CHECK_FALSE(shop.has_store());
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
}

}  // namespace

TEST_CASE("an account that may not do what a statement does is refused before the first row") {
    Shop shop;
    Account account{shop, "SELECT"};
    shop.use_dsn(account.dsn());
    const Finished finished = shop.rowmill("run", add_one_to_books);
    check_refusal(finished, {"--sql: ", "UPDATE command denied", account.name()});
    check_untouched(shop);
    CHECK_FALSE(says(finished.errors, Account::password));
}

TEST_CASE("an account that may not see a table or a database is told so") {
    Shop shop;
    Account account{shop, ""};
    shop.use_dsn(account.dsn());
    check_refusal(shop.rowmill("run", add_one_to_books), {"Access denied", account.name(), shop.name()});
    shop.use_dsn(dsn_with_database(account.dsn(), ""));
    check_refusal(shop.rowmill("run", {"--table", shop.name() + ".books"}), {"no", shop.name(), "no privilege"});
    check_untouched(shop);
}

TEST_CASE("an account that may not make the run store is told what to grant, and with it works") {
    Shop shop;
    Account account{shop, "SELECT, UPDATE"};
    shop.use_dsn(account.dsn());
    for (const char* verb : {"run", "init"}) {
        CAPTURE(verb);
        const Finished finished =
            shop.rowmill(verb, verb == std::string{"run"} ? add_one_to_books : std::vector<std::string>{});
        check_refusal(finished,
                      {"run store", shop.store_name(), "rowmill init", "GRANT SELECT, INSERT", account.name()});
        CHECK_FALSE(says(finished.errors, Account::password));
    }
    check_refusal(shop.rowmill("status"), {"no run store", shop.store_name()});
    check_refusal(shop.rowmill("failures", {"1"}), {"no run store", shop.store_name()});
    check_untouched(shop);
    account.grant("SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP", quoted(shop.store_name()));
    const Finished granted = shop.rowmill("run", add_one_to_books);
    INFO(granted.errors);
    CHECK(granted.how() == "exit 0");
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "20");
}

TEST_CASE("a run store that was made for an account needs only to be written to") {
    Shop shop;
    REQUIRE(shop.rowmill("init").how() == "exit 0");
    Account account{shop, "SELECT, UPDATE"};
    shop.use_dsn(account.dsn());
    account.grant("SELECT", quoted(shop.store_name()));
    // Without a look at open transactions, which this account may not take.
    const std::string job = "[source]\ntable = \"books\"\nsettle = \"0\"\n[action]\nstatement = \"" + add_one + "\"\n";
    check_refusal(shop.run_job(job), {"run store", "denied", "GRANT SELECT, INSERT, UPDATE, DELETE"});
    CHECK(shop.scalar("SELECT SUM(n) FROM books") == "0");
    account.grant("INSERT, UPDATE, DELETE", quoted(shop.store_name()));
    const Finished granted = shop.run_job(job);
    INFO(granted.errors);
    CHECK(granted.how() == "exit 0");
    CHECK(text_of(shop.status(), "state") == "succeeded");
}

TEST_CASE("a wrong password is refused at once, and no password is shown" * doctest::test_suite("alone")) {
    Shop shop;
    Account account{shop, "SELECT, UPDATE"};
    shop.use_dsn(account.dsn("not-the-sesame"));
    for (const char* verb : {"run", "plan", "status", "init", "doctor"}) {
        CAPTURE(verb);
        const bool needs_job = verb == std::string{"run"} || verb == std::string{"plan"};
        const auto start = std::chrono::steady_clock::now();
        const Finished finished = shop.rowmill(verb, needs_job ? add_one_to_books : std::vector<std::string>{});
        check_refusal(finished, {"Access denied", account.name()});
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
        CHECK_FALSE(says(finished.errors, "sesame"));
    }
    check_untouched(shop);
}

TEST_CASE("a password comes from a file that only its owner reads") {
    Shop shop;
    Account account{shop, "SELECT, UPDATE"};
    account.grant("ALL", quoted(shop.store_name()));
    const std::string file = shop.write("password", std::string{Account::password} + "\n");
    shop.use_dsn(account.dsn("wrong"));
    std::vector<std::string> flags = add_one_to_books;
    flags.insert(flags.end(), {"--password-file", file});
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    check_refusal(shop.rowmill("run", flags), {"--password-file", "open to everybody", "chmod 600"});
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::remove);
    const Finished finished = shop.rowmill("run", flags);
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    check_refusal(shop.rowmill("status", {"--password-file", "/nothing"}), {"--password-file", "/nothing"});
}

TEST_CASE("a server that can't be reached is tried for five seconds, and ends in exit 69" * doctest::test_suite("alone")) {
    Shop shop;
    const std::vector<std::pair<std::string, std::string>> servers{
        {"mysql://someone:open-sesame@127.0.0.1:1/shop", "127.0.0.1:1"},
        {"mysql://someone:open-sesame@no-such-host.invalid/shop", "no-such-host.invalid"},
        {"mysql://someone:open-sesame@localhost/shop?socket=/no/such/socket", "/no/such/socket"}};
    std::vector<std::unique_ptr<Process>> running;
    const auto start = std::chrono::steady_clock::now();
    for (const auto& [dsn, place] : servers) {
        const ProcessOptions options{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", dsn}}, {}, {}};
        running.push_back(std::make_unique<Process>(rowmill_command({"run", "--table", "books"}), options));
    }
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const Finished finished = running[i]->wait();
        check_refusal(finished, {"could not connect to someone@", servers[i].second, "tried for 5 seconds"}, 69);
        CHECK_FALSE(says(finished.errors, "sesame"));
    }
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took > std::chrono::seconds{4});
    CHECK(took < std::chrono::seconds{8});
}

TEST_CASE("a server that is read-only is refused by run and init, named by doctor, and read by none") {
    MariaDb server;
    db::Session root{server.endpoint(), {}};
    root.execute("CREATE DATABASE shop");
    root.execute("CREATE TABLE shop.books (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)");
    root.execute("INSERT INTO shop.books (id) VALUES (1), (2), (3)");
    root.execute("CREATE USER clerk IDENTIFIED BY 'open-sesame'");
    root.execute("GRANT ALL ON *.* TO clerk");
    root.execute("REVOKE SUPER, READ ONLY ADMIN ON *.* FROM clerk");
    root.execute("SET GLOBAL read_only = 1");
    const std::string socket = server.endpoint().socket;
    const std::string dsn = "mysql://clerk:open-sesame@localhost/shop?socket=" + socket;
    const auto rowmill = [&](std::vector<std::string> arguments) {
        return run_rowmill(arguments, {{{"ROWMILL_DSN", dsn}}, {}, {}});
    };
    check_refusal(rowmill({"run", "--table", "books", "--sql", add_one}), {"read-only", "takes writes"});
    check_refusal(rowmill({"plan", "--table", "books", "--sql", add_one}), {"read-only", "takes writes"});
    check_refusal(rowmill({"init"}), {"read-only", "takes writes"});
    const Finished doctor = rowmill({"doctor"});
    CHECK(doctor.how() == "exit 2");
    CHECK(says(doctor.output, "PROBLEM  the server is read-only"));
    const Finished plan = rowmill({"plan", "--table", "books"});
    INFO(plan.errors);
    CHECK(plan.how() == "exit 0");
    CHECK(root.query("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'rowmill'").text(0, 0) ==
          "0");
}
