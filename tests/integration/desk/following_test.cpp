#include "office.hpp"

#include "support/mariadb.hpp"
#include "support/process.hpp"
#include "support/tcp_proxy.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <future>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// `rowmill VERB ARGUMENTS…` in a process of its own, on the town's store.
std::unique_ptr<Process> elsewhere(const Town& town, const std::string& verb, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), verb);
    arguments.insert(arguments.end(), {"--store-schema", town.schema.store_name(), "--progress", "none"});
    return std::make_unique<Process>(rowmill_command(arguments), ProcessOptions{.environment = {{"ROWMILL_DSN", town.schema.dsn()}}, .input = {}, .folder = {}});
}

std::uint64_t newest(const Town& town) {
    std::uint64_t run = 0;
    REQUIRE(eventually([&] {
        const auto runs = town.office->desk->runs(1);
        if (!runs.empty()) run = runs.front().run;
        return run != 0;
    }));
    return run;
}

/// Whoever follows runs has looked at all of them, from the first to the last: something new of this one has been told twice.
bool rounds_pass(Town& town, Watcher& watcher, store::RunId run) {
    const std::string runs = "`" + town.schema.store_name() + "`.runs";
    for (const std::string error : {"one", "two"}) {
        town.schema.execute("UPDATE " + runs + " SET last_error = '" + error + "' WHERE id = " + std::to_string(run));
        const bool is_told = eventually([&] {
            watcher.look();
            return watcher.last->last_error == error;
        });
        if (!is_told) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a run of another process is followed, lively, to its end") {
    Town town{300};
    town.offer_slow("count");
    const auto process = elsewhere(town, "run", {town.path_of("count")});
    const store::RunId run = newest(town);
    Watcher watcher{town.desk().watch(run)};
    watcher.look();
    CHECK(watcher.last->run == run);
    CHECK(eventually([&] {
        watcher.look();
        return watcher.states >= 3;
    }));
    town.hurry(run);
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK(watcher.last->settled == 300);
    CHECK(watcher.has_read("succeeded after"));
    CHECK(process->wait().exit_code == 0);
    CHECK_FALSE(town.desk().details(run)->is_ours);
}

TEST_CASE("the figures that a followed run ends with have in them what was settled just before its last worker left") {
    Town town;
    const store::WorkerIdentity self = store::this_process();
    const std::string schema = town.schema.store_name();
    store::Store store{town.schema.session(), schema};
    const store::RunRecord run = store.create_run({.job = "count", .identity = "i", .fingerprint = "{}", .params = "{}", .settings = "{}",
                                                   .server = "s", .bound_after = {}, .bound_upto = {Value::integer(9)}});
    const store::WorkerId worker = store.register_worker(run.id, self, std::chrono::minutes{5}, {});
    store.take_up_run(run.id);
    store.add_sacks(run.id, std::vector<store::NewSack>{{{}, run.bound_upto, 9, true}}, {}, run.bound_upto, true);
    const auto sack = store.claim_sack(run.id, worker);
    TcpProxy proxy{town.server};
    Office office{proxy.endpoint(), schema, town.jobs.path()};
    Watcher watcher{office.desk->watch(run.id)};
    store.ask_for_state(run.id, "cancelled");
    // In the middle of a look that began when the run was cancelled already, and that has the figures.
    proxy.add({.matches = statement_has("FROM `" + schema + "`.`workers`"), .deed = Deed::hold, .skip = 1});
    REQUIRE(proxy.wait_until_struck(1));
    store.checkpoint_all(std::vector<store::Checkpoint>{
        {.sack = sack->id, .fence = sack->fence, .seq = sack->seq, .low = {Value::integer(5)}, .tally = {.succeeded = 5, .skipped = 0, .failed = 0}}});
    store.leave(worker);
    const std::string last_word = "run " + std::to_string(run.id) + " · count: cancelled";
    store.add_notes(run.id, self.host + ":" + std::to_string(self.pid), std::vector<store::NewNote>{{.is_warning = false, .line = last_word}});
    proxy.release();
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "cancelled");
    CHECK(watcher.last->settled == 5);
    CHECK(watcher.has_read(last_word));
}

TEST_CASE("who is told that a run has ended finds it so, though somebody has looked at it a moment ago") {
    Town town{40};
    town.offer_slow("count");
    std::unique_ptr<Process> process;
    store::RunId run = 0;
    SUBCASE("a run that is worked on here") { run = town.desk().start("count", {}); }
    SUBCASE("a run of another process") {
        process = elsewhere(town, "run", {town.path_of("count")});
        run = newest(town);
    }
    Watcher watcher{town.desk().watch(run)};
    REQUIRE(eventually([&] {
        town.desk().details(run);
        town.desk().runs(10);
        watcher.look();
        return watcher.is_over;
    }));
    const auto details = town.desk().details(run);
    CHECK(details->now.state == "succeeded");
    CHECK(std::ranges::all_of(details->map, [](const run::RangeCell& cell) { return cell.state == run::RangeCell::State::done; }));
    CHECK(town.desk().runs(10).front().state == "succeeded");
}

TEST_CASE("what another process notes is told to those who watch its run") {
    Town town{300};
    town.offer_slow("count");
    const auto process = elsewhere(town, "run", {town.path_of("count")});
    const store::RunId run = newest(town);
    REQUIRE(eventually([&] { return !town.desk().run(run)->workers.empty(); }));
    Watcher watcher{town.desk().watch(run)};
    town.desk().pause(run);
    CHECK(eventually([&] {
        watcher.look();
        return watcher.has_read("is paused");
    }));
    town.desk().resume(run, {});
    town.hurry(run);
    CHECK(watcher.to_the_end());
    CHECK(watcher.has_read("goes on"));
}

TEST_CASE("a run whose process is killed is interrupted, and its watcher sees it resumed here to the end") {
    Town town{300};
    town.offer_slow("count");
    const auto process = elsewhere(town, "run", {town.path_of("count")});
    const store::RunId run = newest(town);
    REQUIRE(town.has_settled_some(run));
    Watcher watcher{town.desk().watch(run)};
    process->kill();
    CHECK(eventually([&] {
        watcher.look();
        return watcher.last->state == "interrupted";
    }));
    CHECK(watcher.last->rate == 0);
    CHECK(watcher.last->workers.empty());
    CHECK_FALSE(watcher.is_over);
    town.hurry(run);
    town.desk().resume(run, {});
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK(town.is_done_once());
}

TEST_CASE("a run that stops here is followed on, and its watcher sees another process finish it") {
    Town town{300};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    Watcher watcher{town.desk().watch(run)};
    town.office->runs.stop("asked to by a test");
    town.office->runs.wait();
    watcher.look();
    CHECK_FALSE(watcher.is_over);
    CHECK(watcher.last->state == "interrupted");
    CHECK(watcher.has_read("asked to by a test"));
    town.hurry(run);
    CHECK(elsewhere(town, "resume", {std::to_string(run)})->wait().exit_code == 0);
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
}

TEST_CASE("a run that stops here before who asked to watch it looks is told of to the end") {
    Town town{300};
    town.offer_slow("count");
    town.offer("other");
    CHECK(elsewhere(town, "run", {town.path_of("other"), "--limit", "9"})->wait().exit_code == 4);
    const store::RunId other = newest(town);
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    const auto channel = town.desk().watch(run);
    town.office->runs.stop("asked to by a test");
    town.office->runs.wait();
    Watcher passing{town.desk().watch(other)};
    REQUIRE(rounds_pass(town, passing, other));
    Watcher watcher{channel};
    CHECK(elsewhere(town, "resume", {std::to_string(run)})->wait().exit_code == 0);
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
}

TEST_CASE("a run that can't be read keeps nobody from following another") {
    Town town{300};
    town.offer_slow("count");
    town.offer("torn");
    CHECK(elsewhere(town, "run", {town.path_of("torn"), "--limit", "9"})->wait().exit_code == 4);
    const store::RunId torn = newest(town);
    Watcher unlucky{town.desk().watch(torn)};
    const auto process = elsewhere(town, "run", {town.path_of("count")});
    REQUIRE(eventually([&] { return newest(town) != torn; }));
    const store::RunId run = newest(town);
    Watcher watcher{town.desk().watch(run)};
    const std::string runs = "`" + town.schema.store_name() + "`.runs";
    town.schema.execute("UPDATE " + runs + " SET bound_upto = 'torn' WHERE id = " + std::to_string(torn));
    CHECK(eventually([&] {
        unlucky.look();
        return unlucky.has_read("looking again until it can be seen");
    }));
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK_FALSE(watcher.has_read("looking again"));
    CHECK(process->wait().exit_code == 0);
}

TEST_CASE("a connection that is killed is replaced without a word") {
    Town town{300};
    town.offer_slow("count");
    CHECK(elsewhere(town, "run", {town.path_of("count"), "--limit", "9"})->wait().exit_code == 4);
    const store::RunId run = newest(town);
    Watcher watcher{town.desk().watch(run)};
    const auto connections = [&] {
        return town.schema.session().query("SELECT id FROM information_schema.processlist WHERE db = '" + town.schema.name() +
                                           "' AND id <> CONNECTION_ID()");
    };
    const db::ResultSet lost = connections();
    REQUIRE_FALSE(lost.empty());
    for (std::size_t i = 0; i < lost.rows.size(); ++i) town.schema.execute("KILL " + lost.text(i, 0));
    CHECK(town.desk().runs(10).size() == 1);
    town.hurry(run);
    CHECK(elsewhere(town, "resume", {std::to_string(run)})->wait().exit_code == 0);
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK_FALSE(watcher.has_read("reached"));
}

TEST_CASE("a lost server is told of, looked for, and found again") {
    MariaDb server;
    TemporaryFolder jobs;
    std::uint64_t run = 0;
    {
        const auto session = db::Connector{server.endpoint(), {}}.connect();
        store::Store store{*session, "rowmill"};
        store.migrate();
        run = store.create_run({.job = "count", .identity = "i", .fingerprint = "{}", .params = "{}", .settings = "{}", .server = "s",
                                .bound_after = {}, .bound_upto = {Value::integer(9)}}).id;
    }
    Office office{server.endpoint(), "rowmill", jobs.path()};
    Watcher watcher{office.desk->watch(run)};
    server.kill();
    CHECK(eventually([&] {
        watcher.look();
        return watcher.has_read("can't be reached");
    }));
    CHECK(error_of([&] { office.desk->run(run); }).kind() == ErrorKind::unreachable);
    server.start();
    CHECK(eventually([&] {
        watcher.look();
        return watcher.has_read("the run store is back");
    }));
    CHECK(office.desk->run(run)->state == "pending");
    CHECK_FALSE(watcher.is_over);
}

TEST_CASE("a server that falls silent keeps nobody waiting for good who looks") {
    MariaDb server;
    TemporaryFolder jobs;
    {
        const auto session = db::Connector{server.endpoint(), {}}.connect();
        store::Store{*session, "rowmill"}.migrate();
    }
    Office office{server.endpoint(), "rowmill", jobs.path()};
    CHECK_FALSE(office.desk->run(1));
    suspend(server.pid());
    auto asked = std::async(std::launch::async, [&] { return error_of([&] { office.desk->run(1); }).kind(); });
    const bool is_told = asked.wait_for(std::chrono::seconds{40}) == std::future_status::ready;
    ::kill(server.pid(), SIGCONT);
    REQUIRE(is_told);
    CHECK(asked.get() == ErrorKind::unreachable);
    CHECK_FALSE(office.desk->run(1));
}

TEST_CASE("a run that nobody watches any more is forgotten") {
    Town town;
    town.offer("count");
    town.hold();
    CHECK(elsewhere(town, "run", {town.path_of("count"), "--run-time", "10ms"})->wait().exit_code == 4);
    const store::RunId run = newest(town);
    {
        const Watcher watcher{town.desk().watch(run)};
        CHECK(town.office->channels.all().size() == 1);
    }
    CHECK(eventually([&] { return town.office->channels.all().empty(); }, std::chrono::seconds{40}));
}
