#include "bookshop.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

void check_exit(const Finished& finished, int exit_code) {
    CHECK_MESSAGE(finished.how() == "exit " + std::to_string(exit_code), finished.errors);
}

/// The most handlers that were in one at once, as the program counts them itself.
unsigned most_at_once(const Finished& finished) {
    const std::string label = "most at once: ";
    const std::size_t at = finished.output.find(label);
    REQUIRE(at != std::string::npos);
    return static_cast<unsigned>(std::stoul(finished.output.substr(at + label.size())));
}

/// Servers number their connections one after another.
std::uint64_t next_connection(const Bookshop& shop) {
    return db::Session{shop.endpoint(), {}}.connection_id();
}

}  // namespace

TEST_CASE("a function is called once for each row, with its columns and a session") {
    Bookshop shop{500};
    check_exit(shop.run({"titles"}), 0);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done JOIN books USING (id) WHERE what = title") == "500");
    CHECK(shop.scalar("SELECT COUNT(DISTINCT token) FROM done") == "500");
}

TEST_CASE("sessions of handlers are no more than rows in flight") {
    Bookshop shop{500};
    const std::uint64_t before = next_connection(shop);
    check_exit(shop.run({"titles", "--concurrency", "3", "--workers", "2"}), 0);
    const std::uint64_t after = next_connection(shop);
    // Beside the handlers' three there are those that read, plan, renew the lease and record.
    CHECK(after - before <= 3 + 20);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "500");
}

TEST_CASE("a handler that throws makes dead letters, and the other rows are done") {
    Bookshop shop{30};
    const Finished finished = shop.run({"faulty"});
    check_exit(finished, 3);
    CHECK_MESSAGE(says(finished.errors, "is torn"), finished.errors);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "20");
    const boost::json::object status = shop.status();
    CHECK(status.at("succeeded") == 20);
    CHECK(status.at("dead_letters") == 10);
    const Finished failures = shop.run({"failures", std::to_string(status.at("run").as_int64()), "--json"});
    CHECK(says(failures.output, R"("class":"std::runtime_error","error":"book 9 is torn")"));
}

TEST_CASE("with retry_on_exception what throws once succeeds at its second attempt, under the same token") {
    Bookshop shop{30};
    check_exit(shop.run({"obstinate", "true"}), 0);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done WHERE attempt = 2 AND id % 3 = 0") == "10");
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "30");
}

TEST_CASE("with retry_on_exception what always throws is a dead letter after max_attempts") {
    Bookshop shop{6};
    check_exit(shop.run({"obstinate"}), 3);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "4");
    const boost::json::object status = shop.status();
    CHECK(status.at("dead_letters") == 2);
    CHECK(says(shop.run({"failures", "1", "--json"}).output, R"("attempts":2)"));
}

TEST_CASE("retry works on the dead letters alone, with the parameters of the run and the handler of the program") {
    Bookshop shop{30};
    check_exit(shop.run({"faulty"}), 3);
    shop.execute("DELETE FROM done");
    check_exit(shop.run({"retry", "1", "--key", "9"}), 3);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "0");
    CHECK(shop.status().at("dead_letters") == 10);
    check_exit(shop.run({"retry", "1", "--class", "no such class"}), 0);
}

TEST_CASE("a run of another program is not retried") {
    Bookshop shop{3};
    check_exit(shop.run({"cheaper"}), 0);
    const Finished finished = run_rowmill({"retry", "1", "--store-schema", shop.store_name()}, shop.options());
    check_exit(finished, 2);
    CHECK(finished.errors.find("a program of its own") != std::string::npos);
}

TEST_CASE("never more rows are in handlers than concurrency says") {
    Bookshop shop{200};
    const Finished finished = shop.run({"sleepy", "20", "--concurrency", "7"});
    check_exit(finished, 0);
    CHECK(most_at_once(finished) == 7);
}

TEST_CASE("coroutines wait at once, as many as concurrency says") {
    Bookshop shop{400};
    const Finished finished = shop.run({"waiting", "500", "--concurrency", "100"});
    check_exit(finished, 0);
    CHECK(most_at_once(finished) == 100);
    CHECK(shop.status().at("succeeded") == 400);
}

TEST_CASE("a coroutine whose time is up is cancelled, and tried again") {
    Bookshop shop{3};
    const Finished finished = shop.run({"waiting", "60000", "--timeout", "50ms", "--max-attempts", "2", "--backoff",
                                        "1ms..2ms", "--max-failures", "3"});
    check_exit(finished, 3);
    CHECK(says(shop.run({"failures", "1", "--json"}).output, R"("attempts":2,"class":"timeout")"));
}

TEST_CASE("a handler that ignores its time is settled without it, and its row tried again") {
    Bookshop shop{10};
    const Finished finished = shop.run({"stubborn", "3000"});
    check_exit(finished, 0);
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done") == "10");
    CHECK(shop.scalar("SELECT COUNT(*) FROM done WHERE id = 1 AND attempt = 2") == "1");
    CHECK(shop.status().at("succeeded") == 10);
}

TEST_CASE("a run does not wait for a handler that never returns") {
    Bookshop shop{10};
    const Finished finished = shop.run({"stubborn", "600000"}, 60s);
    check_exit(finished, 0);
    CHECK(says(finished.errors, "did not return"));
    CHECK(shop.status().at("state") == "succeeded");
}

TEST_CASE("a run whose slots are all held by handlers that never return says what it waits for, and can be stopped") {
    Bookshop shop{10};
    const Finished finished = shop.run(
        {"sleepy", "600000", "--concurrency", "2", "--timeout", "100ms", "--run-time", "4s", "--progress", "json"}, 60s);
    check_exit(finished, 4);
    CHECK(says(finished.errors, R"("waiting_for":"2 handler call(s) to return)"));
}

TEST_CASE("a session that is blocked in the server is ended when the row's time is up") {
    Bookshop shop{5};
    check_exit(shop.run({"blocked"}, 40s), 3);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "4");
    CHECK(says(shop.run({"failures", "1", "--json"}).output, R"("class":"timeout")"));
    CHECK(shop.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60)%'") ==
          "0");
}

TEST_CASE("a transaction that a handler left open is rolled back") {
    Bookshop shop{20};
    check_exit(shop.run({"careless", "--concurrency", "2"}), 0);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "0");
}

TEST_CASE("a session that was lost is replaced for the next row") {
    Bookshop shop{20};
    check_exit(shop.run({"disconnected", "--concurrency", "1"}), 0);
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done") == "20");
    CHECK(shop.scalar("SELECT COUNT(*) FROM done WHERE attempt = 2") == "4");
}

TEST_CASE("a handler of batches is given several rows, each with its own outcome") {
    Bookshop shop{20};
    check_exit(shop.run({"together"}), 3);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "20");
    CHECK(shop.scalar("SELECT MAX(what) FROM done") == "4");
    CHECK(shop.status().at("dead_letters") == 2);
}

TEST_CASE("a job of an App may be SQL, and is done exactly once") {
    Bookshop shop{100};
    check_exit(shop.run({"cheaper"}), 0);
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE price = 9") == "100");
    CHECK(says(shop.run({"plan", "cheaper"}).output, "exactly once"));
}

TEST_CASE("SIGTERM stops a run in good order, and the same command goes on with it") {
    Bookshop shop{200};
    Process process{shop.command({"sleepy", "100", "--concurrency", "4", "--progress", "json"}), shop.options()};
    REQUIRE(process.wait_for_output("\"settled\":"));
    process.send_signal(SIGTERM);
    const Finished stopped = process.wait();
    check_exit(stopped, 4);
    const Finished resumed = shop.run({"sleepy", "100", "--concurrency", "16"});
    check_exit(resumed, 0);
    CHECK(says(resumed.errors, "resuming run 1"));
    CHECK(shop.status().at("succeeded") == 200);
}

TEST_CASE("batches are worked on at once, as many as there are workers, where nothing else is said") {
    Bookshop shop{4000};
    const Finished finished = shop.run({"meeting", "--workers", "3", "--batch", "300"}, 60s);
    check_exit(finished, 0);
    CHECK(most_at_once(finished) == 3);
    CHECK(shop.status().at("succeeded") == 4000);
}

TEST_CASE("kills lose no row, and repeat no more than was in flight or not yet checkpointed") {
    constexpr unsigned rows = 15000, kills = 30, progress = 100, in_flight = 8, checkpoint = 50;
    // While a checkpoint is on its way to the server, handlers go on.
    constexpr unsigned during_a_write = 200;
    Bookshop shop{rows};
    const std::vector<std::string> arguments{"titles", "--concurrency", std::to_string(in_flight), "--checkpoint-items",
                                             std::to_string(checkpoint)};
    const auto done = [&] { return std::stoul(shop.scalar("SELECT COUNT(*) FROM done")); };
    for (unsigned kill = 0; kill < kills; ++kill) {
        const auto before = done();
        Process process{shop.command(arguments), shop.options()};
        REQUIRE(eventually([&] { return done() >= before + progress; }));
        process.kill();
        process.wait();
    }
    check_exit(shop.run(arguments), 0);
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done") == std::to_string(rows));
    const auto repeated = done() - rows;
    MESSAGE("repeated: ", repeated, " rows in ", kills, " kills");
    CHECK(repeated <= kills * (in_flight + checkpoint + during_a_write));
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id, token) FROM done") == std::to_string(rows));
}
