#include "nightly.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace rowmill::test;

TEST_CASE("a quiet run that goes well says nothing") {
    Nightly shop{20};
    const Finished run = shop.run({"--quiet"});
    CHECK(run.how() == "exit 0");
    CHECK(run.errors == "");
    CHECK(run.output == "");
}

TEST_CASE("a quiet run may still print its summary as JSON, and that alone") {
    Nightly shop{20};
    const Finished run = shop.run({"--quiet", "--summary", "json"});
    CHECK(run.how() == "exit 0");
    CHECK(run.errors == "");
    const auto summary = boost::json::parse(run.output).as_object();
    CHECK(text_of(summary, "state") == "succeeded");
    CHECK(text_of(summary, "settled") == "20");
}

TEST_CASE("a quiet run with dead letters says so in one line") {
    Shop shop;
    shop.execute("UPDATE books SET price = 99.5 WHERE id = 3");
    const Finished run = shop.run_job("[source]\ntable = \"books\"\nsettle = \"0\"\n"
                                      "[action]\nstatement = \"UPDATE books SET price = price + 1 WHERE id = :id\"\n",
                                      {"--quiet"});
    INFO(run.errors);
    CHECK(run.how() == "exit 3");
    CHECK(std::ranges::count(run.errors, '\n') == 1);
    CHECK(says(run.errors, "succeeded with dead letters"));
    CHECK(says(run.errors, "20 of 20 (100%) settled"));
    CHECK(says(run.errors, "`rowmill failures 1`"));
}

TEST_CASE("a quiet run that is stopped says why in one line") {
    Nightly shop{20};
    const Finished run = shop.run({"--quiet", "--limit", "5", "--batch", "5"});
    INFO(run.errors);
    CHECK(run.how() == "exit 4");
    CHECK(std::ranges::count(run.errors, '\n') == 1);
    CHECK(says(run.errors, "run 1 · nightly: interrupted"));
    CHECK(says(run.errors, "stopped: the limit is reached; run it again to resume"));
}

TEST_CASE("a quiet run that finds another at work says so, with exit 75") {
    Nightly shop{50};
    const std::string flag = shop.write("wait", "");
    const auto slow = shop.start({"--flag-file", flag});
    REQUIRE(slow->wait_for_output("waiting: the flag file"));
    check_refusal(shop.run({"--quiet"}), {"run 1", "is being worked on"}, 75);
    std::filesystem::remove(flag);
    CHECK(slow->wait().how() == "exit 0");
    CHECK(shop.with(1) == "50");
}

TEST_CASE("a time of day to stop at that is none is refused") {
    const Nightly shop{5};
    check_refusal(shop.run({"--until", "later"}), {"--until later", "05:00"});
    CHECK(shop.run({"--until", "00:00 Pacific/Kiritimati"}).how() == "exit 0");
}
