// Concurrency that is changed while rows are in flight.

#include "bench.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace rowmill;
using test::eventually;
using test::Works;

namespace {

/// A row writes its key down and waits for a file named `go`.
const std::string waits = "echo $ROWMILL_KEY >> $LOG\nuntil [ -e $(dirname $LOG)/go ]; do sleep 0.02; done";
/// The same, as a program that is kept running.
const std::string waits_for_lines = R"(while IFS= read -r line; do id=${line#*:}; id=${id%%,*}; echo $id >> $LOG
until [ -e $(dirname $LOG)/go ]; do sleep 0.02; done; echo "{\"id\":$id,\"outcome\":\"success\"}"; done)";

std::string job(const std::string& action, const std::string& run) {
    return "[job]\nname = \"works\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\n" + action + "[run]\n" + run;
}

void set(const test::Trial& trial, const std::string& assignment) {
    const test::Finished finished = trial.command("set", {"1", assignment});
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
}

}  // namespace

TEST_CASE("more commands and programs run at once as soon as concurrency is raised, in every row's turn") {
    for (const std::string protocol : {"lines", "ndjson"}) {
        CAPTURE(protocol);
        const Works works{24, protocol == "lines" ? waits : waits_for_lines};
        works.trial().set_job(job("kind = \"exec\"\nprotocol = \"" + protocol + "\"\ncommand = [\"" + works.trial().folder() +
                                      "/work.sh\"]\n",
                                  "concurrency = 4\n"));
        const auto run = works.trial().start();
        CHECK(eventually([&] { return works.log().size() == 4; }));
        set(works.trial(), "concurrency=16");
        CHECK(eventually([&] { return works.log().size() == 16; }));
        std::ofstream{works.trial().folder() + "/go"};
        const test::Finished finished = run->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        CHECK(works.log().size() == 24);
    }
}

TEST_CASE("more requests are under way as soon as concurrency is raised, within per_host") {
    const test::HttpServer server;
    const Works works{8, ""};
    // Whose answers come once eight are there.
    works.trial().set_job(job("kind = \"http\"\nurl = \"" + server.url("/gate/8") + "\"\nper_host = 8\n", "concurrency = 2\n"));
    const auto run = works.trial().start();
    CHECK(eventually([&] { return server.counts().at_work == 2; }));
    set(works.trial(), "concurrency=100");
    const test::Finished finished = run->wait();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    CHECK(server.counts().peak == 8);
}

TEST_CASE("nothing more is begun once concurrency is lowered, before enough has ended") {
    const Works works{12, "echo $ROWMILL_KEY >> $LOG\nuntil [ -e $(dirname $LOG)/$ROWMILL_KEY ]; do sleep 0.02; done", "concurrency = 4\n"};
    const auto run = works.trial().start();
    CHECK(eventually([&] { return works.log().size() == 4; }));
    set(works.trial(), "concurrency=2");
    for (const std::string key : {"1", "2"}) std::ofstream{works.trial().folder() + "/" + key};
    CHECK(eventually([&] { return works.trial().status().at("in_flight").to_number<int>() == 2; }));
    CHECK(works.log().size() == 4);
    for (int key = 3; key <= 12; ++key) std::ofstream{works.trial().folder() + "/" + std::to_string(key)};
    CHECK(run->wait().how() == "exit 0");
    CHECK(works.log().size() == 12);
}

TEST_CASE("a concurrency that adapts climbs while nothing queues" * doctest::test_suite("alone")) {
    const Works works{600, "echo $ROWMILL_KEY >> $LOG\nsleep 0.05"};
    works.trial().set_job(job("kind = \"exec\"\ncommand = [\"" + works.trial().folder() + "/work.sh\"]\n",
                              "concurrency = \"auto\"\nmin_concurrency = 2\nmax_concurrency = 12\n"));
    const auto run = works.trial().start({"--progress", "json"});
    CHECK(run->wait_for_output("\"in_flight\":12,"));
    const test::Finished finished = run->wait();
    CHECK(finished.how() == "exit 0");
    CHECK(finished.errors.find("\"in_flight\":13,") == std::string::npos);
}
