#include "nightly.hpp"
#include "support/eventually.hpp"
#include "support/server.hpp"
#include "support/seed.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <memory>
#include <vector>

using namespace rowmill::test;

TEST_CASE("an id that is committed long after the bound above it was read is in that run") {
    Nightly shop{10};
    Writer late{shop};
    CHECK(late.begin() == 11);
    shop.insert(1);
    const auto run = shop.start();
    REQUIRE(run->wait_for_output("waits for 1 transaction(s)"));
    CHECK(shop.with(1) == "0");
    late.commit();
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "12");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "12");
}

TEST_CASE("a process that looked before the bound was read, and joined after, does not begin before it has settled") {
    Nightly shop{10};
    // By key: a range would wait for the row that is not committed yet.
    shop.write("nightly.toml", std::string{Nightly::source} + "[session]\nisolation = \"READ COMMITTED\"\n[action]\nstatement = \"UPDATE "
                               "orders SET n = n + 1 WHERE id = :id\"\n");
    rowmill::db::Session gate{server_endpoint(), {}};
    gate.execute("DO GET_LOCK('" + shop.name() + "', 0)");
    const auto joined = shop.start({"--join", "--query", "SELECT GET_LOCK('" + shop.name() + "', 60) - 1"});
    REQUIRE(eventually([&] { return shop.scalar("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock' AND info LIKE '%" +
                                                shop.name() + "%'") == "1"; }));
    Writer late{shop};
    CHECK(late.begin() == 11);
    shop.insert(1);
    const auto run = shop.start();
    REQUIRE(run->wait_for_output("waits for 1 transaction(s)"));
    gate.execute("DO RELEASE_LOCK('" + shop.name() + "')");
    REQUIRE(joined->wait_for_output("taking part in run 1"));
    CHECK_FALSE(eventually([&] { return shop.with(1) != "0"; }, std::chrono::seconds{1}));
    late.commit();
    CHECK(joined->wait().how() == "exit 0");
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "12");
}

TEST_CASE("an id that is rolled back below the bound is in no run, and no other row is left out") {
    Nightly shop{10};
    Writer late{shop};
    late.begin();
    shop.insert(1);
    const auto run = shop.start();
    REQUIRE(run->wait_for_output("waits for 1 transaction(s)"));
    late.roll_back();
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "11");
    shop.insert(2);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "13");
}

TEST_CASE("an id above the bound that was open when the bound was read is in the next run") {
    Nightly shop{10};
    Writer late{shop};
    CHECK(late.begin() == 11);
    const auto run = shop.start();
    REQUIRE(run->wait_for_output("waits for 1 transaction(s)"));
    late.commit();
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "10");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "11");
}

TEST_CASE("ids below and above the bound that are committed while the run waits are each in one run") {
    Nightly shop{10};
    Writer below{shop}, above{shop};
    below.begin();
    shop.insert(1);
    const auto run = shop.start();
    REQUIRE(run->wait_for_output("waits for 1 transaction(s)"));
    above.begin();
    shop.insert(1);
    above.commit();
    below.commit();
    CHECK(run->wait().how() == "exit 0");
    CHECK(shop.with(1) == "12");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "14");
}

TEST_CASE("a run that is stopped while it waits for a late id waits for it again when it goes on") {
    Nightly shop{10};
    Writer late{shop};
    late.begin();
    shop.insert(1);
    const auto stopped = shop.start();
    REQUIRE(stopped->wait_for_output("waits for 1 transaction(s)"));
    stopped->send_signal(SIGTERM);
    CHECK(stopped->wait().how() == "exit 4");
    CHECK(shop.with(1) == "0");
    const auto killed = shop.start();
    REQUIRE(killed->wait_for_output("waits for 1 transaction(s)"));
    killed->kill();
    killed->wait();
    const auto resumed = shop.start();
    REQUIRE(resumed->wait_for_output("waits for 1 transaction(s)"));
    CHECK(shop.with(1) == "0");
    late.commit();
    CHECK(resumed->wait().how() == "exit 0");
    CHECK(shop.with(1) == "12");
    shop.insert(3);
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == "15");
}

TEST_CASE("two runs in a row around two late ids leave neither out") {
    Nightly shop{10};
    Writer first{shop}, second{shop};
    first.begin();
    shop.insert(1);
    const auto one = shop.start();
    REQUIRE(one->wait_for_output("waits for 1 transaction(s)"));
    second.begin();
    shop.insert(1);
    first.commit();
    CHECK(one->wait().how() == "exit 0");
    CHECK(shop.with(1) == "12");
    const auto two = shop.start();
    REQUIRE(two->wait_for_output("waits for 1 transaction(s)"));
    second.commit();
    CHECK(two->wait().how() == "exit 0");
    CHECK(shop.with(1) == "14");
}

namespace {

/// Somebody begins, commits or rolls back an order; sometimes another is inserted above.
void write_something(Nightly& shop, std::vector<std::unique_ptr<Writer>>& writers, Dice& dice) {
    Writer& writer = *writers[dice.between(0, writers.size() - 1)];
    if (!writer.is_open()) {
        writer.begin();
    } else if (dice.chance(0.3)) {
        writer.roll_back();
    } else {
        writer.commit();
    }
    if (dice.chance(0.3)) shop.insert(1);
}

void work_for_nights(Dice& dice, int nights) {
    Nightly shop{5};
    std::vector<std::unique_ptr<Writer>> writers;
    for (int i = 0; i < 4; ++i) writers.push_back(std::make_unique<Writer>(shop));
    for (int night = 0; night < nights; ++night) {
        for (auto steps = dice.between(0, 7); steps > 0; --steps) write_something(shop, writers, dice);
        const bool is_cut = dice.chance(0.3);
        const auto run = is_cut ? shop.start({"--limit", "2", "--batch", "2"}) : shop.start();
        for (auto steps = dice.between(0, 5); steps > 0; --steps) write_something(shop, writers, dice);
        // It waits for all that were open when it began.
        for (const auto& writer : writers)
            if (writer->is_open()) dice.chance(0.3) ? writer->roll_back() : writer->commit();
        const Finished over = run->wait();
        INFO(over.errors);
        CHECK((over.exit_code == 0 || (is_cut && over.exit_code == 4)));
        CHECK(shop.scalar("SELECT COUNT(*) FROM orders WHERE n > 1") == "0");
    }
    // The first may finish one that was cut off.
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.run().how() == "exit 0");
    CHECK(shop.with(1) == shop.scalar("SELECT COUNT(*) FROM orders"));
}

}  // namespace

TEST_CASE("whatever writers do at random, every order is worked on once over the nights") {
    for_each_seed(3, [](std::uint64_t seed) {
        CAPTURE(seed);
        Dice dice{seed};
        work_for_nights(dice, 8);
    });
}
