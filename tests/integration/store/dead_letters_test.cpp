#include "fixture.hpp"

using namespace rowmill;
using namespace rowmill::store_test;

TEST_CASE_FIXTURE(Fixture, "a dead letter keeps the item's key, its attempts and its last error") {
    const Key odd{Value::bytes(std::string{"\0\xff'\\", 4}), Value::text("🎒"),
                  Value::unsigned_integer(~std::uint64_t{0})};
    store.add_dead_letters(run.id, 7, std::vector<engine::DeadLetter>{{odd, 5, "1406", "Data too long for 'naïve 🎒'"}});
    std::vector<store::DeadLetterRecord> letters;
    store.stream_dead_letters(run.id, "", [&](const auto& letter) { letters.push_back(letter); });
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].run == run.id);
    CHECK(letters[0].sack == 7);
    CHECK(letters[0].key == odd);
    CHECK(letters[0].attempts == 5);
    CHECK(letters[0].error_class == "1406");
    CHECK(letters[0].reason == "Data too long for 'naïve 🎒'");
    CHECK(letters[0].first_at.size() == 20);
    CHECK(letters[0].last_at == letters[0].first_at);
}

TEST_CASE_FIXTURE(Fixture, "a reason is cut at four kilobytes, between characters, and says so") {
    std::string reason = "x";
    for (int i = 0; i < 3000; ++i) reason += "🎒";
    store.add_dead_letters(run.id, 1, std::vector<engine::DeadLetter>{{key(1), 1, std::string(300, 'c'), reason}});
    store.stream_dead_letters(run.id, "", [&](const auto& letter) {
        CHECK(letter.reason.size() <= 4096);
        CHECK(letter.reason.size() > 4080);
        CHECK(letter.reason.ends_with("🎒…"));
        CHECK(letter.error_class.size() <= 190);
    });
}

TEST_CASE_FIXTURE(Fixture, "all dead letters are streamed once, in the order they were written, over many pages") {
    std::vector<engine::DeadLetter> letters;
    for (int i = 0; i < 1234; ++i) letters.push_back({key(i), 1, i % 3 == 0 ? "third" : "other", "reason"});
    store.add_dead_letters(run.id, 1, letters);
    const auto other = store.create_run(new_run("other"));
    store.add_dead_letters(other.id, 2, letters);

    std::int64_t expected = 0;
    store.stream_dead_letters(run.id, "", [&](const auto& letter) { CHECK(letter.key == key(expected++)); });
    CHECK(expected == 1234);

    expected = 0;
    store.stream_dead_letters(run.id, "third", [&](const auto& letter) {
        CHECK(letter.key == key(expected));
        expected += 3;
    });
    CHECK(expected == 1236);
}

TEST_CASE_FIXTURE(Fixture, "the callback may use the session") {
    store.add_dead_letters(run.id, 1, std::vector<engine::DeadLetter>(600, {key(1), 1, "1062", "duplicate"}));
    std::size_t seen = 0;
    store.stream_dead_letters(run.id, "", [&](const auto&) {
        if (seen++ == 0) CHECK(store.totals(run.id).dead_letters == 600);
    });
    CHECK(seen == 600);
}

TEST_CASE_FIXTURE(Fixture, "no dead letters are no statement") {
    store.add_dead_letters(run.id, 1, {});
    CHECK(store.totals(run.id).dead_letters == 0);
}
