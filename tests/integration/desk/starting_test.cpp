#include "office.hpp"

#include "run/runner.hpp"

#include <fstream>
#include <iterator>
#include <set>

using namespace rowmill;
using namespace rowmill::test;

TEST_CASE("a job that is begun works through its table and tells its watchers to the end") {
    Town town;
    town.offer("count");
    const store::RunId run = town.desk().start("count", {});
    Watcher watcher{town.desk().watch(run)};
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK(watcher.last->settled == 60);
    REQUIRE(watcher.summary);
    CHECK(watcher.summary->exit_code == 0);
    CHECK(town.is_done_once());
    CHECK(eventually([&] { return !town.office->runs.works_on(run); }));
    CHECK(town.state_of(run) == "succeeded");
}

TEST_CASE("a job of commands is worked on, by processes of a supervisor that is this program again") {
    Town town{5};
    const std::string log = town.files.path() + "/log";
    std::ofstream{town.path_of("note")} << "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\n"
                                           "command = [\"sh\", \"-c\", \"echo {id} >> " << log << "\"]\n";
    Watcher watcher{town.desk().watch(town.desk().start("note", {}))};
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    std::ifstream noted{log};
    CHECK(std::multiset<int>{std::istream_iterator<int>{noted}, {}} == std::multiset<int>{1, 2, 3, 4, 5});
}

TEST_CASE("who comes when a run has ended is told its end at once") {
    Town town;
    town.offer("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(eventually([&] { return !town.office->runs.works_on(run); }));
    Watcher late{town.desk().watch(run)};
    late.look();
    CHECK(late.is_over);
    CHECK(late.last->state == "succeeded");
}

TEST_CASE("the desk lists runs, the newest first, and shows all of one") {
    Town town;
    town.offer("count", "UPDATE t SET n = n + 1 WHERE id = :id", "nice = 0.5\n");
    const store::RunId first = town.desk().start("count", {});
    REQUIRE(town.comes_to_be(first, "succeeded"));
    const store::RunId second = town.desk().start("count", {});
    REQUIRE(eventually([&] { return !town.office->runs.works_on(second); }));
    const auto runs = town.desk().runs(10);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].run == second);
    CHECK(runs[1].run == first);
    CHECK(runs[1].state == "succeeded");
    const auto details = town.desk().details(second);
    REQUIRE(details);
    CHECK(details->now.state == "succeeded");
    CHECK(details->can_be_resumed);
    CHECK_FALSE(details->is_ours);
    CHECK(details->map.size() == details->now.sacks_total);
    std::map<std::string, std::string> settings{details->settings.begin(), details->settings.end()};
    CHECK(settings.at("batch") == "3");
    CHECK(settings.at("nice") == "0.5");
    CHECK(settings.at("max_lag").empty());
    CHECK(details->settings.front().first == job::live_keys().front());
}

TEST_CASE("a run that is not there is nothing to look at, to watch or to steer") {
    Town town;
    CHECK_FALSE(town.desk().run(99));
    CHECK_FALSE(town.desk().details(99));
    CHECK(town.desk().watch(99) == nullptr);
    CHECK(error_of([&] { town.desk().pause(99); }).kind() == ErrorKind::usage);
    CHECK(error_of([&] { town.desk().retry(99, "", {}, {}); }).kind() == ErrorKind::usage);
}

TEST_CASE("a job that is already on is not begun twice") {
    Town town;
    town.offer("count");
    town.hold();
    const store::RunId run = town.desk().start("count", {});
    const auto busy = error_of<run::Busy>([&] { town.desk().start("count", {}); });
    CHECK(std::string{busy.what()}.find("run " + std::to_string(run)) != std::string::npos);
    CHECK(std::string{busy.what()}.find("--join") == std::string::npos);
    CHECK(std::string{busy.what()}.find("can be watched, paused or cancelled") != std::string::npos);
    town.let_go();
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a job that is to be done once says so the second time") {
    Town town;
    town.offer("count", "UPDATE t SET n = n + 1 WHERE id = :id", "[job]\nonce = true\n");
    REQUIRE(town.comes_to_be(town.desk().start("count", {}), "succeeded"));
    REQUIRE(eventually([&] { return town.office->runs.count() == 0; }));
    const Error error = error_of([&] { town.desk().start("count", {}); });
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string{error.what()}.find("nothing to do") != std::string::npos);
    CHECK(town.is_done_once());
}

TEST_CASE("what is wrong with a job is found before there is a run") {
    Town town;
    town.offer("wrong", "UPDATE t SET nothing = 1 WHERE id = :id");
    CHECK(error_of([&] { town.desk().start("wrong", {}); }).kind() == ErrorKind::usage);
    CHECK(town.desk().runs(10).empty());
    CHECK(error_of([&] { town.desk().start("unknown", {}); }).kind() == ErrorKind::usage);
}

TEST_CASE("a plan tells what would be done, and does nothing") {
    Town town;
    town.offer("count");
    const run::Plan plan = town.desk().plan("count", {});
    CHECK(plan.statements.size() == 1);
    CHECK(town.scalar("SELECT SUM(n) FROM t") == "0");
    CHECK(town.desk().runs(10).empty());
}

TEST_CASE("runs that are on when their process ends can be resumed by the next one") {
    Town town{200};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    town.reopen();
    CHECK(town.state_of(run) == "interrupted");
    CHECK_FALSE(town.is_done_once());
    CHECK(town.desk().resume(run, {}).find("resuming run") != std::string::npos);
    CHECK(town.desk().details(run)->is_ours);
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a run that is dropped is held by nobody although its process goes on") {
    Town town{200};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    town.office->runs.stop("the test ends it");
    town.office->runs.stop("at once");
    REQUIRE(eventually([&] { return town.office->runs.count() == 0; }));
    CHECK(town.state_of(run) == "interrupted");
    town.reopen();
    CHECK(town.desk().resume(run, {}).find("resuming run") != std::string::npos);
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("once it is asked to stop it begins nothing any more") {
    Town town;
    town.offer("count");
    town.office->runs.stop("the test ends");
    CHECK(error_of([&] { town.desk().start("count", {}); }).kind() == ErrorKind::stopped);
}
