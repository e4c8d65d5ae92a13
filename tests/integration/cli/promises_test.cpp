#include "support/eventually.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <thread>

using namespace rowmill;
using namespace rowmill::test;

namespace {

// No transaction that is open elsewhere is waited for before a run: those of these tests stay open.
const std::string source = "[source]\ntable = \"books\"\nsettle = \"0\"\n";

std::string job_with(const std::string& statement, const std::string& more = {}) {
    return source + "[action]\nstatement = \"" + statement + "\"\n" + more;
}

std::unique_ptr<Process> start_job(const Shop& shop, const std::string& job) {
    shop.write("job.toml", job);
    const ProcessOptions options{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", shop.dsn()}}, {}, shop.folder()};
    return std::make_unique<Process>(rowmill_command({"run", "job.toml", "--store-schema", shop.store_name()}),
                                     options);
}

/// A session in whose transaction a book is locked.
std::unique_ptr<db::Session> who_locks(const Shop& shop, int book) {
    db::Endpoint endpoint = server_endpoint();
    endpoint.database = shop.name();
    auto session = std::make_unique<db::Session>(endpoint, db::SessionSettings{});
    session->execute("BEGIN");
    session->query("SELECT id FROM books WHERE id = " + std::to_string(book) + " FOR UPDATE");
    return session;
}

/// Of one thread of a process: field 41 of its stat, see proc(5). -1 where it has ended.
int policy_of(pid_t process, pid_t thread) {
    std::ifstream file{"/proc/" + std::to_string(process) + "/task/" + std::to_string(thread) + "/stat"};
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    std::istringstream fields{stat.substr(std::min(stat.size(), stat.rfind(')') + 1))};
    std::string field;
    for (int i = 3; i <= 41; ++i) fields >> field;
    return fields ? std::stoi(field) : -1;
}

std::vector<int> policies(pid_t process) {
    std::vector<int> found;
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task", gone})
        found.push_back(policy_of(process, std::stoi(thread.path().filename())));
    return found;
}

bool may_be_a_batch() {
    if (::sched_getscheduler(0) != SCHED_OTHER) return false;
    int refused = -1;
    std::thread{[&] {
        const sched_param unused{};
        refused = ::sched_setscheduler(0, SCHED_BATCH, &unused);
    }}.join();
    return refused == 0;
}

}  // namespace

TEST_CASE("CALL is refused, for a procedure may commit, and runs with at_least_once") {
    Shop shop;
    shop.execute("CREATE PROCEDURE bump(IN book INT) BEGIN UPDATE books SET n = n + 1 WHERE id = book; COMMIT; END");
    check_refusal(shop.run_job(job_with("CALL bump(:id)")), {"action.statement", "CALL", "commit", "at_least_once"});
    CHECK_FALSE(shop.has_store());
    const Finished allowed = shop.run_job(job_with("CALL bump(:id)", "at_least_once = true\n"));
    INFO(allowed.errors);
    CHECK(allowed.how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "20");
}

TEST_CASE("statements that end or avoid a transaction are refused with what they are") {
    Shop shop;
    for (const char* statement : {"COMMIT", "ROLLBACK", "BEGIN", "LOCK TABLES books WRITE", "TRUNCATE books",
                                  "ALTER TABLE books ADD x INT", "SET autocommit = 1", "DROP TABLE books"}) {
        CAPTURE(statement);
        check_refusal(shop.run_job(job_with(statement)), {"action.statement: ", "exactly"});
        CHECK_FALSE(shop.has_store());
    }
    CHECK(shop.scalar("SELECT COUNT(*) FROM books") == "20");
}

TEST_CASE("a table of an engine without transactions is refused, and runs with at_least_once") {
    Shop shop;
    for (const int rows : {1, 30}) {
        shop.execute("DROP TABLE IF EXISTS old");
        shop.execute("CREATE TABLE old (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0) ENGINE = MyISAM");
        shop.execute("INSERT INTO old (id) SELECT id FROM books WHERE id <= " + std::to_string(rows));
        if (rows > 20) shop.execute("INSERT INTO old (id) SELECT id + 20 FROM books WHERE id <= 10");
        const std::string job =
            "[source]\ntable = \"old\"\n[action]\nstatement = \"UPDATE old SET n = n + 1 WHERE id = :id\"\n";
        check_refusal(shop.run_job(job, {"--restart", "--yes"}), {"old", "MyISAM", "transactions", "at_least_once"});
        const Finished allowed = shop.run_job(job + "at_least_once = true\n");
        INFO(allowed.errors);
        CHECK(allowed.how() == "exit 0");
        CHECK(shop.scalar("SELECT COUNT(*) FROM old WHERE n = 1") == std::to_string(rows));
    }
}

TEST_CASE("a statement that writes into a table without transactions beside its own is refused") {
    Shop shop;
    shop.execute("CREATE TABLE log (book INT) ENGINE = MyISAM");
    check_refusal(shop.run_job(job_with("INSERT INTO log SELECT id FROM books WHERE :batch")), {"log", "MyISAM"});
    shop.execute("CREATE TRIGGER watch AFTER UPDATE ON books FOR EACH ROW INSERT INTO log VALUES (NEW.id)");
    check_refusal(shop.run_job(job_with("UPDATE books SET n = n + 1 WHERE id = :id")),
                  {"trigger watch", "log", "MyISAM"});
    CHECK(shop.scalar("SELECT COUNT(*) FROM log") == "0");
}

TEST_CASE("a statement that cascades into the key it is read by is refused") {
    Shop shop;
    shop.execute(
        "CREATE TABLE sold (book INT, nr INT, PRIMARY KEY (book, nr), FOREIGN KEY whose (book) REFERENCES books (id)"
        " ON UPDATE CASCADE)");
    shop.execute("INSERT INTO sold SELECT id, 1 FROM books");
    const std::string job =
        "[source]\ntable = \"sold\"\n[action]\nstatement = \"UPDATE books SET id = id + 100 WHERE id = :book\"\n";
    check_refusal(shop.run_job(job), {"books.id", "key column book", "ON UPDATE CASCADE"});
    CHECK(shop.scalar("SELECT MAX(id) FROM books") == "20");
}

TEST_CASE("a run that deadlocks with another session replays its batch, and each row is changed once") {
    Shop shop{200};
    db::Endpoint endpoint = server_endpoint();
    endpoint.database = shop.name();
    db::Session other{endpoint, {}};
    // The other session holds the last row and wants the first, which the run holds while it waits for the last. It has
    // changed more, so that the run is the victim.
    shop.execute("CREATE TABLE weight (id INT PRIMARY KEY, n INT)");
    shop.execute("INSERT INTO weight SELECT id, 0 FROM books");
    other.execute("BEGIN");
    other.execute("UPDATE weight SET n = 1");
    for (int i = 1; i <= 20; ++i)
        other.execute("INSERT INTO weight SELECT id + 1000 * " + std::to_string(i) + ", 0 FROM weight WHERE id <= 200");
    other.execute("SELECT id FROM books WHERE id = 200 FOR UPDATE");
    const auto process =
        start_job(shop, job_with("UPDATE books SET n = n + 1 WHERE :batch", "[run]\nworkers = 1\nbatch = 200\n"));
    // By then it has all rows but the last.
    const char* is_free = "SELECT COUNT(*) FROM books WHERE id = 199 FOR UPDATE SKIP LOCKED";
    REQUIRE(eventually([&] { return shop.scalar(is_free) == "0"; }));
    other.query("SELECT id FROM books WHERE id = 1 FOR UPDATE");
    other.execute("COMMIT");
    const Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(says(finished.errors, "200 retried"));
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "200");
}

TEST_CASE("a row that stays locked becomes a dead letter, and the rows around it are done") {
    Shop shop{40};
    const auto other = who_locks(shop, 17);
    const Finished finished = shop.run_job(job_with(
        "UPDATE books SET n = n + 1 WHERE id = :id",
        "[session]\ninnodb_lock_wait_timeout = \"1s\"\n[run]\nbatch = 4\nmax_attempts = 2\nbackoff = \"1ms..5ms\"\n"));
    other->execute("ROLLBACK");
    INFO(finished.errors);
    CHECK(finished.how() == "exit 3");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "39");
    CHECK(shop.scalar("SELECT n FROM books WHERE id = 17") == "0");
    const Finished letters = shop.rowmill("failures", {"1", "--json"});
    const auto letter = boost::json::parse(letters.output).as_object();
    CHECK(text_of(letter, "class") == "1205");
    CHECK(text_of(letter, "key") == "[\"17\"]");
    CHECK(text_of(letter, "attempts") == "2");
}

TEST_CASE("a row that is locked for a while is waited for") {
    Shop shop{40};
    const auto other = who_locks(shop, 17);
    const auto process = start_job(
        shop, job_with("UPDATE books SET n = n + 1 WHERE id = :id", "[session]\ninnodb_lock_wait_timeout = \"1s\"\n"));
    // The second attempt, after the first was rolled back, is one that was replayed.
    const std::string waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '" + shop.name() +
                              "' AND info LIKE '%UPDATE books SET n%' AND id <> CONNECTION_ID()";
    REQUIRE(eventually([&] { return shop.scalar(waits) == "1"; }));
    REQUIRE(eventually([&] { return shop.scalar(waits) == "0"; }));
    other->execute("ROLLBACK");
    const Finished finished = process->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE n = 1") == "40");
}

TEST_CASE("to the scheduler the threads that send statements are a batch, and the main thread is not") {
    if (!may_be_a_batch()) return;  // nor may rowmill
    Shop shop{40};
    const auto other = who_locks(shop, 17);
    const auto process = start_job(shop, job_with("UPDATE books SET n = n + 1 WHERE :range", "[run]\nworkers = 2\n"));
    REQUIRE(eventually([&] { return std::ranges::count(policies(process->pid()), SCHED_BATCH) > 0; }));
    CHECK(policy_of(process->pid(), process->pid()) == SCHED_OTHER);
    other->execute("ROLLBACK");
    CHECK(process->wait().how() == "exit 0");
}
