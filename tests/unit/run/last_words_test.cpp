#include "run/last_words.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill;
using namespace std::chrono_literals;
using run::LastWords;

namespace {

constexpr LastWords::TimePoint start{};

progress::Snapshot worked_on_by(std::initializer_list<std::uint64_t> pids) {
    progress::Snapshot now;
    now.run = 7;
    for (const std::uint64_t pid : pids) {
        progress::WorkerView& worker = now.workers.emplace_back();
        worker.host = "mill";
        worker.pid = pid;
    }
    return now;
}

std::vector<store::NoteRecord> noted_by(std::uint64_t pid, const std::string& line) {
    return {{.id = 1, .at = {}, .worker = "mill:" + std::to_string(pid), .is_warning = false, .line = line}};
}

const std::string summary = "run 7 · count: succeeded after 3 s: 300 of 300 (100%) settled";

}  // namespace

TEST_CASE("a run that has ended is told to its end when the process that worked on it has noted how") {
    LastWords words;
    CHECK_FALSE(words.look(false, worked_on_by({1}), {}, start));
    CHECK_FALSE(words.look(true, worked_on_by({}), {}, start + 1s));
    CHECK_FALSE(words.look(true, worked_on_by({}), noted_by(1, "a hook failed"), start + 2s));
    CHECK(words.look(true, worked_on_by({}), noted_by(1, summary), start + 3s));
}

TEST_CASE("each of those who worked on it to the end is waited for") {
    LastWords words;
    words.look(false, worked_on_by({1, 2, 3}), {}, start);
    CHECK_FALSE(words.look(false, worked_on_by({2, 3}), noted_by(1, summary), start + 1s));
    CHECK_FALSE(words.look(true, worked_on_by({}), noted_by(2, summary), start + 2s));
    CHECK(words.look(true, worked_on_by({}), noted_by(3, summary), start + 3s));
}

TEST_CASE("a note that was seen before its process was seen to have left is not waited for") {
    LastWords words;
    CHECK_FALSE(words.look(false, worked_on_by({1}), noted_by(1, summary), start));
    CHECK(words.look(true, worked_on_by({}), {}, start + 1s));
}

TEST_CASE("a process that notes nothing more is waited for ten seconds from the end on") {
    LastWords words;
    words.look(false, worked_on_by({1}), {}, start);
    CHECK_FALSE(words.look(true, worked_on_by({}), {}, start + 60s));
    CHECK_FALSE(words.look(true, worked_on_by({}), {}, start + 69s));
    CHECK(words.look(true, worked_on_by({}), {}, start + 70s));
}

TEST_CASE("a run that nobody worked on is told to its end at once") {
    LastWords words;
    words.look(false, worked_on_by({}), {}, start);
    CHECK(words.look(true, worked_on_by({}), {}, start));
}
