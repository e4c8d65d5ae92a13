#include "nightly.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

using namespace rowmill::test;

namespace {

const std::string whole_table = std::string{"[source]\ntable = \"orders\"\nsettle = \"0\"\n"} + Nightly::action;

/// So many at the same instant.
std::vector<std::unique_ptr<Process>> start_at_once(const Nightly& shop, unsigned processes, const std::vector<std::string>& flags) {
    std::vector<std::unique_ptr<Process>> running;
    for (unsigned i = 0; i < processes; ++i) running.push_back(shop.start(flags));
    return running;
}

/// How often each way to end was seen.
std::map<std::string, int> endings_of(const std::vector<std::unique_ptr<Process>>& running) {
    std::map<std::string, int> endings;
    for (const auto& process : running) {
        const Finished finished = process->wait();
        const std::string how = finished.how();
        ++endings[how];
        if (how != "exit 0") CHECK_MESSAGE(how == "exit 75", finished.errors);
    }
    return endings;
}

/// So many at the same instant; who is at work begins no row before all others have ended.
std::map<std::string, int> run_at_once(const Nightly& shop, unsigned processes) {
    const std::string flag = shop.write("wait", "");
    const auto running = start_at_once(shop, processes, {"--flag-file", flag});
    for (const auto& process : running) process->wait_for_output("waiting: the flag file");
    std::filesystem::remove(flag);
    return endings_of(running);
}

}  // namespace

TEST_CASE("of two processes that run a job at the same instant one works, and the other exits with 75") {
    for (int round = 0; round < 3; ++round) {
        Nightly shop{50};
        shop.write("nightly.toml", whole_table);
        const auto endings = run_at_once(shop, 2);
        CHECK(endings.at("exit 0") == 1);
        CHECK(endings.at("exit 75") == 1);
        CHECK(shop.with(1) == "50");
    }
}

TEST_CASE("of ten processes that run a job at the same instant one works, and nine exit with 75") {
    Nightly shop{100};
    shop.write("nightly.toml", whole_table);
    const auto endings = run_at_once(shop, 10);
    CHECK(endings.at("exit 0") == 1);
    CHECK(endings.at("exit 75") == 9);
    CHECK(shop.with(1) == "100");
}

TEST_CASE("processes that run a nightly job at the same instant work on each row once, however short it is") {
    for (int round = 0; round < 3; ++round) {
        Nightly shop{20};
        const auto endings = endings_of(start_at_once(shop, 6, {}));
        CHECK(endings.at("exit 0") >= 1);
        CHECK(shop.with(1) == "20");
    }
}
