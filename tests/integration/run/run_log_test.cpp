#include "run/run_log.hpp"

#include "run/sampler.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// A store, and a clock that stands still until it is moved.
struct Desk {
    Desk() { store.migrate(); }

    Schema schema;
    db::Session session{schema.endpoint(), {}};
    store::Store store{session, schema.store_name()};
    engine::TimePoint now{};
    run::RunLog log{[this] { return now; }};

    std::vector<std::string> lines() {
        std::vector<std::string> lines;
        for (const auto& note : store.notes(7, 0, 1000)) lines.push_back(note.line);
        return lines;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Desk, "what is noted is written once, in its order, under the process's name") {
    log.note("begun");
    log.warning("lost");
    log.write(store, 7);
    log.write(store, 7);
    log.note("back");
    log.write(store, 7);
    CHECK(lines() == std::vector<std::string>{"begun", "lost", "back"});
    const auto notes = store.notes(7, 0, 10);
    CHECK_FALSE(notes[0].is_warning);
    CHECK(notes[1].is_warning);
    CHECK(notes[0].worker == store::this_process().host + ":" + std::to_string(store::this_process().pid));
}

TEST_CASE_FIXTURE(Desk, "lines that could not be written are written later, with the time at which they were noted") {
    log.note("one");
    {
        db::Session lost{schema.endpoint(), {}};
        lost.interrupt();
        store::Store gone{lost, schema.store_name()};
        CHECK_THROWS_AS(log.write(gone, 7), Error);
    }
    now += 90s;
    log.note("two");
    log.write(store, 7);
    CHECK(lines() == std::vector<std::string>{"one", "two"});
    const std::string notes = db::quote_name(schema.store_name(), "notes");
    CHECK(schema.scalar("SELECT TIMESTAMPDIFF(SECOND, MIN(noted_at), MAX(noted_at)) FROM " + notes) == "90");
}

TEST_CASE_FIXTURE(Desk, "while nothing can be written only the last two hundred lines are kept") {
    db::Session lost{schema.endpoint(), {}};
    lost.interrupt();
    store::Store gone{lost, schema.store_name()};
    for (int i = 1; i <= 300; ++i) {
        log.note("line " + std::to_string(i));
        if (i % 50 == 0) CHECK_THROWS_AS(log.write(gone, 7), Error);
    }
    log.write(store, 7);
    const auto written = lines();
    REQUIRE(written.size() == 200);
    CHECK(written.front() == "line 101");
    CHECK(written.back() == "line 300");
}

TEST_CASE_FIXTURE(Desk, "samples are taken at their interval and not between, and again after a failure") {
    run::Sampler sampler;
    progress::Snapshot snapshot;
    snapshot.run = 7;
    db::Session lost{schema.endpoint(), {}};
    lost.interrupt();
    store::Store gone{lost, schema.store_name()};
    CHECK_THROWS_AS(sampler.keep(gone, snapshot, now), Error);
    snapshot.settled = 1;
    sampler.keep(store, snapshot, now);
    snapshot.settled = 2;
    // Another second by the server's clock, the same moment by ours.
    schema.execute("UPDATE " + db::quote_name(schema.store_name(), "samples") + " SET sampled_at = sampled_at - INTERVAL 1 HOUR");
    sampler.keep(store, snapshot, now + 900ms);
    CHECK(store.samples(7, 10).size() == 1);
    sampler.keep(store, snapshot, now + 1s);
    const auto samples = store.samples(7, 10);
    REQUIRE(samples.size() == 2);
    CHECK(samples[0].settled == 1);
    CHECK(samples[1].settled == 2);
}
