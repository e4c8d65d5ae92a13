#include "fixture.hpp"

#include <thread>

using namespace rowmill;
using namespace rowmill::store_test;

namespace {

std::string state_of(Fixture& fixture) { return fixture.store.find_run(fixture.run.id).value().state; }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is asked for is read with a number that rises whenever it changes") {
    store.take_up_run(run.id);
    const auto before = store.read_control(run.id).value();
    CHECK(before.state == "running");
    CHECK(before.desired_state == "running");
    CHECK(before.live_settings.empty());
    CHECK(store.ask_for_state(run.id, "paused") == "running");
    CHECK(store.read_control(run.id)->seq == before.seq + 1);
    store.ask_for_state(run.id, "paused");
    CHECK(store.read_control(run.id)->seq == before.seq + 1);
    store.set_live_settings(run.id, R"({"rate":"5"})");
    const auto after = store.read_control(run.id).value();
    CHECK(after.seq == before.seq + 2);
    CHECK(after.live_settings == R"({"rate":"5"})");
    CHECK(after.desired_state == "paused");
    CHECK_FALSE(store.read_control(run.id + 1));
    CHECK(kind_of([&] { store.ask_for_state(run.id + 1, "paused"); }) == ErrorKind::usage);
}

TEST_CASE_FIXTURE(Fixture, "workers bring the state about that is asked for, and no other") {
    store.take_up_run(run.id);
    CHECK(store.follow_desired_state(run.id) == "running");
    store.ask_for_state(run.id, "paused");
    CHECK(store.follow_desired_state(run.id) == "paused");
    store.ask_for_state(run.id, "running");
    CHECK(store.follow_desired_state(run.id) == "running");
    store.set_state(run.id, "failed", "x");
    store.ask_for_state(run.id, "paused");
    CHECK(store.follow_desired_state(run.id) == "failed");
}

TEST_CASE_FIXTURE(Fixture, "a cancelled run stays cancelled, whatever anybody does") {
    const auto worker = join();
    CHECK(store.ask_for_state(run.id, "cancelled") == "cancelled");
    CHECK_FALSE(store.find_run(run.id)->finished_at.empty());
    CHECK(store.ask_for_state(run.id, "running") == "cancelled");
    CHECK(store.follow_desired_state(run.id) == "cancelled");
    CHECK_FALSE(store.take_up_run(run.id));
    CHECK(store.join_run(run.id) == "cancelled");
    CHECK_FALSE(store.set_state(run.id, "running", ""));
    CHECK(store.end_work(run.id, worker, "succeeded", "").state == "cancelled");
    CHECK(kind_of([&] { store.reopen_run(run.id); }) == ErrorKind::refused);
}

TEST_CASE_FIXTURE(Fixture, "who joins makes an interrupted run running, and leaves a paused or failed one as it is") {
    store.set_state(run.id, "interrupted", "");
    CHECK(store.join_run(run.id) == "running");
    store.ask_for_state(run.id, "paused");
    store.follow_desired_state(run.id);
    CHECK(store.join_run(run.id) == "paused");
    store.set_state(run.id, "failed", "x");
    CHECK(store.join_run(run.id) == "failed");
    CHECK(store.take_up_run(run.id));
    CHECK(state_of(*this) == "running");
}

TEST_CASE_FIXTURE(Fixture, "only the last worker to leave interrupts the run") {
    store.take_up_run(run.id);
    const auto first = join(), second = join();
    CHECK(store.end_work(run.id, first, "interrupted", "why").state == "running");
    const auto left = store.end_work(run.id, second, "interrupted", "why");
    CHECK(left.state == "interrupted");
    CHECK(left.last_error == "why");
    CHECK(store.workers(run.id).empty());
}

TEST_CASE_FIXTURE(Fixture, "a worker whose lease has run out is no other that goes on") {
    store.take_up_run(run.id);
    join(std::chrono::milliseconds{0});
    const auto last = join();
    schema.execute("UPDATE " + table("workers") + " SET lease_expires_at = '2000-01-01' WHERE id <> " + std::to_string(last));
    CHECK(store.end_work(run.id, last, "interrupted", "").state == "interrupted");
}

TEST_CASE_FIXTURE(Fixture, "the last to leave a run that is to be paused leaves it paused") {
    store.take_up_run(run.id);
    const auto worker = join();
    store.ask_for_state(run.id, "paused");
    CHECK(store.end_work(run.id, worker, "interrupted", "").state == "paused");
}

TEST_CASE_FIXTURE(Fixture, "what one worker has failed, another does not end otherwise") {
    store.take_up_run(run.id);
    const auto first = join(), second = join();
    CHECK(store.end_work(run.id, first, "failed", "in process 1").state == "failed");
    const auto left = store.end_work(run.id, second, "succeeded", "");
    CHECK(left.state == "failed");
    CHECK(left.last_error == "in process 1");
}

TEST_CASE_FIXTURE(Fixture, "a worker that was declared gone has no say in how a run ends") {
    store.take_up_run(run.id);
    const auto worker = join();
    store.declare_gone(worker);
    CHECK(store.end_work(run.id, worker, "failed", "late").state == "running");
    CHECK(state_of(*this) == "running");
}

TEST_CASE_FIXTURE(Fixture, "who leaves gives back the sacks that it holds") {
    plan(2);
    store.take_up_run(run.id);
    const auto first = join(), second = join();
    const auto sack = store.claim_sack(run.id, first).value();
    store.end_work(run.id, first, "interrupted", "");
    const auto taken = store.claim_sack(run.id, second).value();
    CHECK(taken.id == sack.id);
    CHECK(taken.fence > sack.fence);
}

TEST_CASE_FIXTURE(Fixture, "two that leave at the same moment interrupt the run, not neither") {
    Peer other{schema};
    for (int i = 0; i < 20; ++i) {
        store.take_up_run(run.id);
        const auto first = join(), second = join();
        std::jthread at_once{[&] { other.store.end_work(run.id, first, "interrupted", ""); }};
        store.end_work(run.id, second, "interrupted", "");
        at_once.join();
        REQUIRE(state_of(*this) == "interrupted");
    }
}

TEST_CASE_FIXTURE(Fixture, "a worker's report is kept with it") {
    const auto worker = join();
    CHECK(store.workers(run.id).at(0).report.empty());
    store.report(worker, R"({"rate":1.5})");
    CHECK(store.workers(run.id).at(0).report == R"({"rate":1.5})");
}
