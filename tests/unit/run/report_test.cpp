#include "run/report.hpp"

#include "engine/reasons.hpp"
#include "run/sampler.hpp"
#include "run/snapshot.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::run;

TEST_CASE("a worker's report is read back as it was written") {
    Report report;
    report.settled = 12;
    report.in_flight = 3;
    report.concurrency = 64;
    report.rate = 12.5;
    report.waiting_for = "a lag of \"3 s\"";
    report.latency_seconds = 0.0125;
    const Report read = decode_report(encode(report));
    CHECK(read.settled == 12);
    CHECK(read.in_flight == 3);
    CHECK(read.concurrency == 64);
    CHECK(read.rate == 12.5);
    CHECK(read.waiting_for == report.waiting_for);
    CHECK(read.latency_seconds.value() == 0.0125);
    CHECK_FALSE(read.lag_seconds);
}

TEST_CASE("a report of an earlier rowmill has no latency") {
    CHECK_FALSE(decode_report(R"({"settled":12,"rate":1.5})").latency_seconds);
    CHECK_FALSE(decode_report("").latency_seconds);
}

TEST_CASE("a run's latency is the mean of those of its workers that know theirs") {
    std::vector<progress::WorkerView> workers(3);
    CHECK_FALSE(mean_latency(workers));
    workers[0].latency_seconds = 0.1;
    workers[2].latency_seconds = 0.3;
    CHECK(mean_latency(workers).value() == doctest::Approx(0.2));
}

TEST_CASE("a sample says why the run waits only where none of its workers goes on") {
    progress::Snapshot now;
    now.settled = 10;
    now.failed = 1;
    now.in_flight = 4;
    now.rate = 2.5;
    now.latency_seconds = 0.5;
    now.waiting_for = "paused";
    CHECK(sample_of(now).waiting_for == "paused");
    now.workers.resize(2);
    now.workers[0].waiting_for = "paused";
    CHECK(sample_of(now).waiting_for.empty());
    now.workers[1].waiting_for = "paused";
    const store::SampleRecord sample = sample_of(now);
    CHECK(sample.waiting_for == "paused");
    CHECK(sample.settled == 10);
    CHECK(sample.failed == 1);
    CHECK(sample.in_flight == 4);
    CHECK(sample.rate == 2.5);
    CHECK(sample.latency_seconds.value() == 0.5);
}

TEST_CASE("what waits for its turn by the rate that was set is not held up, what waits for anything else is") {
    store::SampleRecord sample;
    CHECK_FALSE(was_held_up(sample));
    sample.waiting_for = engine::rate_is_limited;
    CHECK_FALSE(was_held_up(sample));
    sample.waiting_for = "paused";
    CHECK(was_held_up(sample));
}
