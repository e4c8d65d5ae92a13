#include "fixture.hpp"

using namespace rowmill;
using namespace rowmill::store_test;

TEST_CASE_FIXTURE(Fixture, "a run comes back as it was stored, whatever bytes its bounds hold") {
    store::NewRun wanted = new_run("other");
    wanted.job = "jöb 🎒 'quoted' \\";
    wanted.fingerprint = R"({"filter":"a = 'b'"})";
    wanted.params = R"({"id":1})";
    wanted.settings = R"({"batch":5})";
    wanted.server = "user@/sock";
    wanted.definition = R"({"file":"/jobs/jöb.toml"})";
    wanted.bound_after = {Value::bytes(std::string{"\0\xff\0", 3}), Value::text("🎒'\\ ")};
    wanted.bound_upto = {Value::bytes(std::string(3000, '\0')), Value::text("")};
    const auto id = store.create_run(wanted).id;

    const auto found = store.find_run(id).value();
    CHECK(found.job == wanted.job);
    CHECK(found.identity == "other");
    CHECK(found.fingerprint == wanted.fingerprint);
    CHECK(found.params == wanted.params);
    CHECK(found.settings == wanted.settings);
    CHECK(found.server == wanted.server);
    CHECK(found.definition == wanted.definition);
    CHECK(found.bound_after == wanted.bound_after);
    CHECK(found.bound_upto == wanted.bound_upto);
    CHECK_FALSE(found.bound_empty);
    CHECK(found.walk_position.empty());
    CHECK_FALSE(found.walk_done);
    CHECK(found.state == "pending");
    CHECK(found.desired_state == "running");
    CHECK(found.token.size() == 32);
    CHECK(found.token != run.token);
    CHECK(found.finished_at.empty());
    CHECK(found.last_progress_at.empty());
    CHECK(found.last_error.empty());
}

TEST_CASE_FIXTURE(Fixture, "times are in UTC and RFC 3339, whatever the session's time zone") {
    db::SessionSettings tokyo;
    tokyo.time_zone = "+09:00";
    Peer other{schema, tokyo};
    const auto started = other.store.create_run(new_run("other")).started_at;
    REQUIRE(started.size() == 20);
    CHECK(started[10] == 'T');
    CHECK(started.back() == 'Z');
    const std::string seconds = schema.scalar("SELECT ABS(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), '" +
                                              started.substr(0, 10) + ' ' + started.substr(11, 8) + "'))");
    CHECK(std::stol(seconds) < 60);
}

TEST_CASE_FIXTURE(Fixture, "there is no run where none was found") {
    CHECK_FALSE(store.find_run(run.id + 1));
    CHECK_FALSE(store.unfinished_run("unknown"));
    CHECK_FALSE(store.newest_succeeded("identity"));
}

TEST_CASE_FIXTURE(Fixture, "failed, paused and interrupted runs are unfinished; succeeded and cancelled ones are not") {
    for (const char* state : {"running", "paused", "interrupted", "failed"}) {
        CAPTURE(state);
        CHECK(store.set_state(run.id, state, ""));
        CHECK(store.unfinished_run("identity").value().state == state);
    }
    for (const char* state : {"succeeded", "cancelled"}) {
        CAPTURE(state);
        const auto id = store.create_run(new_run(state)).id;
        CHECK(store.set_state(id, state, ""));
        CHECK_FALSE(store.unfinished_run(state));
    }
}

TEST_CASE_FIXTURE(Fixture, "of two processes that begin the same work, one is turned away") {
    const auto error = error_of([&] { store.create_run(new_run("identity")); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(error->server_code == 1062);

    store.set_state(run.id, "succeeded", "");
    CHECK(store.create_run(new_run("identity")).id > run.id);
}

TEST_CASE_FIXTURE(Fixture, "the newest run and the newest succeeded one of an identity are found") {
    store.set_state(run.id, "succeeded", "");
    const auto second = store.create_run(new_run("identity")).id;
    store.set_state(second, "succeeded", "");
    const auto third = store.create_run(new_run("identity")).id;
    store.set_state(third, "cancelled", "");
    const auto fourth = store.create_run(new_run("other")).id;

    CHECK(store.newest_succeeded("identity").value().id == second);
    CHECK(store.newest_run().value().id == fourth);
    const auto runs = store.list_runs(3);
    REQUIRE(runs.size() == 3);
    CHECK(runs[0].id == fourth);
    CHECK(runs[2].id == second);
}

TEST_CASE_FIXTURE(Fixture, "a run that ends has a finish time, one that resumes has none") {
    store.set_state(run.id, "failed", "disk full");
    CHECK(store.find_run(run.id)->finished_at.size() == 20);
    CHECK(store.find_run(run.id)->last_error == "disk full");
    store.set_state(run.id, "running", "");
    CHECK(store.find_run(run.id)->finished_at.empty());
    CHECK(store.find_run(run.id)->last_error.empty());
}

TEST_CASE_FIXTURE(Fixture, "a run that has succeeded is not reopened by a process that was slow to notice") {
    CHECK(store.set_state(run.id, "succeeded", ""));
    CHECK_FALSE(store.set_state(run.id, "interrupted", "SIGTERM"));
    CHECK(store.find_run(run.id)->state == "succeeded");
}

TEST_CASE_FIXTURE(Fixture, "a run that has succeeded, failed or was interrupted is reopened, and can be resumed then") {
    for (const char* state : {"succeeded", "failed", "interrupted"}) {
        CAPTURE(state);
        store.set_state(run.id, state, "disk full");
        const auto reopened = store.reopen_run(run.id);
        CHECK(reopened.state == "interrupted");
        CHECK(reopened.finished_at.empty());
        CHECK(reopened.last_error.empty());
        CHECK(store.unfinished_run("identity")->id == run.id);
        CHECK(store.set_state(run.id, "running", ""));
    }
}

TEST_CASE_FIXTURE(Fixture, "reopening leaves a run that is unfinished anyway as it is") {
    for (const char* state : {"pending", "running", "paused"}) {
        CAPTURE(state);
        store.set_state(run.id, state, "");
        CHECK(store.reopen_run(run.id).state == state);
    }
}

TEST_CASE_FIXTURE(Fixture, "a run is not reopened beside another unfinished one of its identity, which is named") {
    store.set_state(run.id, "succeeded", "");
    const auto other = store.create_run(new_run("identity"));
    const auto error = error_of([&] { store.reopen_run(run.id); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(error->server_code == 1062);
    CHECK(std::string{error->what()}.find("run " + std::to_string(other.id) + " of fix-invoices") != std::string::npos);
    CHECK(store.find_run(run.id)->state == "succeeded");

    store.set_state(other.id, "cancelled", "");
    CHECK(store.reopen_run(run.id).state == "interrupted");
}

TEST_CASE_FIXTURE(Fixture, "a cancelled run is not reopened, and one that is not there is told") {
    store.abandon_run(run.id);
    CHECK(kind_of([&] { store.reopen_run(run.id); }) == ErrorKind::refused);
    CHECK(store.find_run(run.id)->state == "cancelled");
    CHECK(kind_of([&] { store.reopen_run(run.id + 1); }) == ErrorKind::usage);
}

TEST_CASE_FIXTURE(Fixture, "the schema itself admits no state that design does not know") {
    CHECK(error_of([&] { store.set_state(run.id, "sleeping", ""); }));
    CHECK(store.find_run(run.id)->state == "pending");
}

TEST_CASE_FIXTURE(Fixture, "a long error is cut, and one that is no UTF-8 is stored all the same") {
    store.set_state(run.id, "failed", "\xff" + std::string(10000, 'x'));
    const auto error = store.find_run(run.id)->last_error;
    CHECK(error.starts_with("\uFFFDxxx"));
    CHECK(error.ends_with("x…"));
    CHECK(error.size() <= 4096);
}

TEST_CASE_FIXTURE(Fixture, "worked seconds add up; fingerprint and definition are replaced") {
    store.add_worked_seconds(run.id, 1.5);
    store.add_worked_seconds(run.id, 0.25);
    store.set_fingerprint(run.id, R"({"filter":"changed"})");
    CHECK(store.find_run(run.id)->worked_seconds == doctest::Approx(1.75));
    CHECK(store.find_run(run.id)->fingerprint == R"({"filter":"changed"})");
    store.set_definition(run.id, R"({"table":"t"})");
    CHECK(store.find_run(run.id)->definition == R"({"table":"t"})");
}

TEST_CASE_FIXTURE(Fixture, "totals sum over the sacks of one run only") {
    CHECK(store.totals(run.id).sacks == 0);
    plan(3);
    const auto other = store.create_run(new_run("other"));
    store.add_sacks(other.id, std::vector<store::NewSack>{{{}, key(9), 9, false}}, {}, key(9), true);

    const auto worker = join();
    const auto first = store.claim_sack(run.id, worker).value();
    store.claim_sack(run.id, worker);
    store.checkpoint(
        {.sack = first.id, .fence = first.fence, .seq = 0, .low = key(10), .tally = {7, 2, 1}, .completes = true});
    store.add_dead_letters(run.id, first.id, std::vector<engine::DeadLetter>{{key(3), 1, "1062", "duplicate"}});

    const auto totals = store.totals(run.id);
    CHECK(totals.sacks == 3);
    CHECK(totals.sacks_done == 1);
    CHECK(totals.sacks_running == 1);
    CHECK(totals.rows_planned == 30);
    CHECK(totals.rows_done == 10);
    CHECK(totals.rows_exact);
    CHECK(totals.tally == engine::Tally{7, 2, 1});
    CHECK(totals.dead_letters == 1);
    CHECK(totals.waiting == 0);
    CHECK_FALSE(store.totals(other.id).rows_exact);
    CHECK(store.find_run(run.id)->last_progress_at.size() == 20);
    CHECK(store.find_run(other.id)->last_progress_at.empty());
}

TEST_CASE_FIXTURE(Fixture, "an abandoned run is cancelled and all of it forgotten, but nothing of another run") {
    std::vector<store::NewSack> many(2500, {key(1), key(2), 1, true});
    store.add_sacks(run.id, many, {}, key(2), true);
    const auto other = store.create_run(new_run("other"));
    store.add_sacks(other.id, std::vector<store::NewSack>{{{}, key(9), 9, true}}, {}, key(9), true);
    store.add_dead_letters(run.id, 1, std::vector<engine::DeadLetter>(1500, {key(3), 1, "1062", "duplicate"}));
    store.add_dead_letters(other.id, 1, std::vector<engine::DeadLetter>{{key(3), 1, "1062", "duplicate"}});
    store.add_waiting(run.id, 1, std::vector<engine::Retry>(1500, {key(4), 1, {}, "timeout", "slow"}));
    store.add_waiting(other.id, 1, std::vector<engine::Retry>{{key(4), 1, {}, "timeout", "slow"}});
    join();

    store.abandon_run(run.id);

    CHECK(store.find_run(run.id)->state == "cancelled");
    CHECK(store.totals(run.id).sacks == 0);
    CHECK(store.totals(run.id).dead_letters == 0);
    CHECK(store.totals(run.id).waiting == 0);
    CHECK(store.totals(other.id).waiting == 1);
    CHECK(store.workers(run.id).empty());
    CHECK(store.totals(other.id).sacks == 1);
    CHECK(store.totals(other.id).dead_letters == 1);
}
