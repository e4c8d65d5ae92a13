#include "fixture.hpp"

#include <algorithm>
#include <set>
#include <thread>

using namespace rowmill;
using namespace rowmill::store_test;
using std::chrono::seconds;

namespace {

std::vector<store::NewNote> lines(int first, int last) {
    std::vector<store::NewNote> notes;
    for (int i = first; i <= last; ++i) notes.push_back({.line = "line " + std::to_string(i)});
    return notes;
}

/// Samples of the run's first `count` intervals of this length, one each, that end now.
void fill(Fixture& fixture, int count, int interval) {
    for (int i = 0; i < count; ++i) {
        fixture.schema.execute("INSERT INTO " + fixture.table("samples") +
                               " VALUES (" + std::to_string(fixture.run.id) + ", '2020-01-01' + INTERVAL " +
                               std::to_string(i * interval) + " SECOND, " + std::to_string(i) + ", 0, 0, 1, NULL, '')");
    }
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a note keeps who noted it, when, and whether it is a warning") {
    store.add_notes(run.id, "büro:4711",
                    std::vector<store::NewNote>{{.line = "it's begun 🎒"}, {.is_warning = true, .line = "lost \\'\n"}});
    const auto notes = store.notes(run.id, 0, 10);
    REQUIRE(notes.size() == 2);
    CHECK(notes[0].worker == "büro:4711");
    CHECK(notes[0].line == "it's begun 🎒");
    CHECK_FALSE(notes[0].is_warning);
    CHECK(notes[1].line == "lost \\'\n");
    CHECK(notes[1].is_warning);
    CHECK(notes[0].id < notes[1].id);
    CHECK(notes[0].at.size() == 20);
    CHECK(notes[0].at.back() == 'Z');
    CHECK(store.notes(run.id + 1, 0, 10).empty());
}

TEST_CASE_FIXTURE(Fixture, "a note that is stored late keeps the time at which it was noted") {
    store.add_notes(run.id, "a:1", std::vector<store::NewNote>{{.line = "x", .ago = std::chrono::hours{3}}});
    CHECK(schema.scalar("SELECT TIMESTAMPDIFF(MINUTE, noted_at, UTC_TIMESTAMP(6)) FROM " + table("notes")) == "180");
}

TEST_CASE_FIXTURE(Fixture, "notes are read on from where one has got to; who is far behind gets the last ones") {
    store.add_notes(run.id, "a:1", lines(1, 3));
    const auto first = store.notes(run.id, 0, 10);
    REQUIRE(first.size() == 3);
    store.add_notes(run.id, "a:1", lines(4, 9));
    const auto next = store.notes(run.id, first.back().id, 10);
    REQUIRE(next.size() == 6);
    CHECK(next.front().line == "line 4");
    const auto last = store.notes(run.id, first.back().id, 2);
    REQUIRE(last.size() == 2);
    CHECK(last[0].line == "line 8");
    CHECK(last[1].line == "line 9");
    CHECK(store.notes(run.id, last[1].id, 10).empty());
}

TEST_CASE_FIXTURE(Fixture, "a run keeps its last 200 notes, and no other run loses any") {
    const auto other = store.create_run(new_run("other"));
    store.add_notes(other.id, "a:1", lines(1, 150));
    store.add_notes(run.id, "a:1", lines(1, 150));
    store.add_notes(run.id, "b:2", lines(151, 250));
    const auto notes = store.notes(run.id, 0, 1000);
    REQUIRE(notes.size() == 200);
    CHECK(notes.front().line == "line 51");
    CHECK(notes.back().line == "line 250");
    CHECK(store.notes(other.id, 0, 1000).size() == 150);
}

TEST_CASE_FIXTURE(Fixture, "a note of any length and any bytes is stored, cut at four kilobytes") {
    store.add_notes(run.id, std::string(400, 'h'), std::vector<store::NewNote>{{.line = std::string(100'000, 'x') + "\xff"}});
    const auto notes = store.notes(run.id, 0, 10);
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].line.size() <= 4096);
    CHECK(notes[0].worker.size() <= 300);
}

TEST_CASE_FIXTURE(Fixture, "workers that note at the same time lose nothing but the oldest lines") {
    {
        std::vector<std::jthread> threads;
        for (int worker = 0; worker < 3; ++worker) {
            threads.emplace_back([&, worker] {
                const db::ThreadScope scope;
                Peer peer{schema};
                for (int i = 0; i < 100; ++i) peer.store.add_notes(run.id, "w:" + std::to_string(worker), lines(i, i));
            });
        }
    }
    CHECK(store.notes(run.id, 0, 1000).size() == 200);
}

TEST_CASE_FIXTURE(Fixture, "a sample keeps how the run got on") {
    CHECK(store.add_sample(run.id, seconds{1},
                           {.settled = 1234567890123, .failed = 7, .in_flight = 64, .rate = 31234.5, .latency_seconds = 0.0125,
                            .waiting_for = "replica lag of 3 s"}) == seconds{1});
    const auto samples = store.samples(run.id, 10);
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].settled == 1234567890123);
    CHECK(samples[0].failed == 7);
    CHECK(samples[0].in_flight == 64);
    CHECK(samples[0].rate == doctest::Approx(31234.5));
    CHECK(samples[0].latency_seconds.value() == doctest::Approx(0.0125));
    CHECK(samples[0].waiting_for == "replica lag of 3 s");
    CHECK(samples[0].at.size() == 20);
}

TEST_CASE_FIXTURE(Fixture, "a latency that is not known stays unknown, and no number is too odd to be stored") {
    store.add_last_sample(run.id, {.rate = 1.0 / 0.0, .latency_seconds = -1, .waiting_for = std::string(999, 'x')});
    CHECK(store.samples(run.id, 10).at(0).latency_seconds.value() == 0);
    CHECK(store.samples(run.id, 10).at(0).rate == 0);
    CHECK(store.samples(run.id, 10).at(0).waiting_for.size() <= 255);
    store.add_last_sample(run.id + 1, {});
    CHECK_FALSE(store.samples(run.id + 1, 10).at(0).latency_seconds);
}

TEST_CASE_FIXTURE(Fixture, "of several samples in an interval of time the first is kept, without a warning") {
    const seconds day{86400};
    store.add_sample(run.id, day, {.settled = 1});
    CHECK(process.session.warnings().empty());
    store.add_sample(run.id, day, {.settled = 2});
    CHECK(process.session.warnings().empty());
    Peer other{schema};
    other.store.add_sample(run.id, day, {.settled = 3});
    const auto samples = store.samples(run.id, 10);
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].settled == 1);
    CHECK(samples[0].at.substr(10) == "T00:00:00Z");
}

TEST_CASE_FIXTURE(Fixture, "the last sample takes the place of another of its second") {
    // Once more where a second ended between the two.
    for (int tries = 0; tries < 10 && store.samples(run.id, 10).size() != 1; ++tries) {
        schema.execute("DELETE FROM " + table("samples"));
        store.add_sample(run.id, seconds{1}, {.settled = 1});
        store.add_last_sample(run.id, {.settled = 2});
    }
    const auto samples = store.samples(run.id, 10);
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].settled == 2);
}

TEST_CASE_FIXTURE(Fixture, "of more than 240 samples every other one is forgotten, and the interval doubled") {
    fill(*this, 240, 4);
    CHECK(store.add_sample(run.id, seconds{4}, {}) == seconds{8});
    const auto left = store.samples(run.id, 1000);
    // Of the new one it depends on the second in which it was taken.
    CHECK(left.size() >= 120);
    CHECK(left.size() <= 121);
    const auto is_every_other = [&](const auto& sample) {
        const auto at = static_cast<std::size_t>(&sample - left.data());
        return at == 120 || sample.settled == 2 * at;
    };
    CHECK(std::ranges::all_of(left, is_every_other));
    CHECK(store.add_sample(run.id, seconds{8}, {}) == seconds{8});
    CHECK(store.samples(run.id, 1000).size() <= 121);
}

TEST_CASE_FIXTURE(Fixture, "a worker that comes to a run with many samples takes no more away than it has to") {
    fill(*this, 240, 64);
    seconds interval{1};
    for (int i = 0; i < 6; ++i) interval = store.add_sample(run.id, interval, {});
    CHECK(interval == seconds{64});
    CHECK(store.samples(run.id, 1000).size() >= 240);
}

TEST_CASE_FIXTURE(Fixture, "samples are thinned out evenly when they are read, and the last is always there") {
    fill(*this, 239, 1);
    for (const std::size_t most : {1U, 2U, 7U, 119U, 120U, 238U, 239U, 1000U}) {
        CAPTURE(most);
        const auto samples = store.samples(run.id, most);
        CHECK(samples.size() <= most);
        CHECK(samples.back().settled == 238);
        std::set<std::uint64_t> steps;
        for (std::size_t i = 1; i < samples.size(); ++i) steps.insert(samples[i].settled - samples[i - 1].settled);
        CHECK(steps.size() <= 1);
    }
    CHECK(store.samples(run.id, 120).size() == 120);
    CHECK(store.samples(run.id + 1, 10).empty());
}

TEST_CASE_FIXTURE(Fixture, "classes of dead letters come with how many there are, the most frequent first, and their last reason") {
    const auto add = [&](int count, const std::string& error_class, const std::string& reason) {
        store.add_dead_letters(run.id, 1, std::vector<engine::DeadLetter>(static_cast<std::size_t>(count), {key(1), 1, error_class, reason}));
    };
    add(2, "1062", "duplicate");
    add(5, "exit 1", "no such file");
    add(1, "1062", "duplicate entry 'b'");
    add(3, "timeout", "slow");
    const auto classes = store.dead_letter_classes(run.id);
    REQUIRE(classes.size() == 3);
    CHECK(classes[0].error_class == "exit 1");
    CHECK(classes[0].count == 5);
    CHECK(classes[1].error_class == "1062");
    CHECK(classes[1].count == 3);
    CHECK(classes[1].example == "duplicate entry 'b'");
    CHECK(classes[2].error_class == "timeout");
    CHECK(store.dead_letter_classes(run.id + 1).empty());
}

TEST_CASE_FIXTURE(Fixture, "dead letters are read page by page, of all classes or of one") {
    std::vector<engine::DeadLetter> letters;
    for (int i = 0; i < 30; ++i) letters.push_back({key(i), 1, i % 3 == 0 ? "third" : "other", "reason", R"({"id":1})"});
    store.add_dead_letters(run.id, 1, letters);
    const auto first = store.dead_letters(run.id, "", 0, 20);
    REQUIRE(first.size() == 20);
    CHECK(first[0].key == key(0));
    CHECK(first[0].item == R"({"id":1})");
    const auto rest = store.dead_letters(run.id, "", first.back().id, 20);
    REQUIRE(rest.size() == 10);
    CHECK(rest[0].key == key(20));
    const auto thirds = store.dead_letters(run.id, "third", first[0].id, 4);
    REQUIRE(thirds.size() == 4);
    CHECK(thirds[0].key == key(3));
    CHECK(thirds[3].key == key(12));
}

TEST_CASE_FIXTURE(Fixture, "a sack tells its state") {
    plan(2);
    const auto worker = join();
    const auto sack = store.claim_sack(run.id, worker).value();
    CHECK(sack.state == "running");
    CHECK(list_sacks(store, run.id, 2)[0].state == "running");
    CHECK(list_sacks(store, run.id, 2)[1].state == "pending");
    store.checkpoint({.sack = sack.id, .fence = sack.fence, .seq = sack.seq, .low = sack.upto, .completes = true});
    CHECK(list_sacks(store, run.id, 2)[0].state == "done");
}

TEST_CASE_FIXTURE(Fixture, "an abandoned run loses its notes and samples, another one none") {
    const auto other = store.create_run(new_run("other"));
    for (const store::RunId each : {run.id, other.id}) {
        store.add_notes(each, "a:1", lines(1, 3));
        store.add_last_sample(each, {});
    }
    store.abandon_run(run.id);
    CHECK(store.notes(run.id, 0, 10).empty());
    CHECK(store.samples(run.id, 10).empty());
    CHECK(store.notes(other.id, 0, 10).size() == 3);
    CHECK(store.samples(other.id, 10).size() == 1);
}
