#include "../../support/fake_table.hpp"

#include "engine/attempt.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;
using Do = Attempt::Do;

namespace {

const TimePoint now{1000s};

Batch rows(const std::vector<std::int64_t>& keys) {
    return {.origin = 1,
            .count = keys.size(),
            .after = position(0),
            .upto = position(keys.empty() ? 9 : keys.back()),
            .items = items_of(keys)};
}

Attempt attempt_at(Batch batch, unsigned max_attempts = 3) {
    return Attempt{std::move(batch), true, {.max_attempts = max_attempts, .backoff = {100ms, 30s}, .random = {}}};
}

/// Lets everything succeed until `step` is next.
void go_to(Attempt& attempt, Do step) {
    for (int steps = 0; attempt.next() != step && steps < 100; ++steps) {
        if (attempt.next() == Do::execute)
            attempt.executed({});
        else if (attempt.next() == Do::ask_standing)
            attempt.stands(Standing::not_recorded);
        else
            attempt.succeeded();
    }
    REQUIRE(attempt.next() == step);
}

void fail_at(Attempt& attempt, Do step, ErrorKind kind) {
    go_to(attempt, step);
    attempt.failed(Error{kind, "it failed"}, now);
}

}  // namespace

TEST_CASE("a batch is begun, executed, recorded and committed, in this order") {
    Attempt attempt = attempt_at(rows({1, 2}));
    CHECK(attempt.next() == Do::begin);
    attempt.succeeded();
    CHECK(attempt.next() == Do::execute);
    attempt.executed({});
    CHECK(attempt.next() == Do::record);
    CHECK(attempt.settlement().completes);
    attempt.succeeded();
    CHECK(attempt.next() == Do::commit);
    CHECK(attempt.take_recorded().empty());
    attempt.succeeded();
    CHECK(attempt.next() == Do::done);
    CHECK(attempt.take_recorded().size() == 1);
    CHECK_FALSE(attempt.troubled());
}

TEST_CASE("any error inside the transaction is followed by a rollback before all else") {
    for (const Do step : {Do::begin, Do::execute, Do::record, Do::commit}) {
        for (const ErrorKind kind :
             {ErrorKind::replay, ErrorKind::row, ErrorKind::too_large, ErrorKind::interrupted, ErrorKind::fatal,
              ErrorKind::unsafe, ErrorKind::fenced, ErrorKind::disk_full, ErrorKind::stopped, ErrorKind::internal}) {
            CAPTURE(name_of(kind));
            Attempt attempt = attempt_at(rows({1, 2}));
            fail_at(attempt, step, kind);
            CHECK(attempt.next() == Do::rollback);
        }
    }
}

TEST_CASE("a lost connection is replaced and the ledger asked before anything is done again") {
    for (const Do step : {Do::begin, Do::execute, Do::record, Do::commit, Do::rollback}) {
        Attempt attempt = attempt_at(rows({1, 2}));
        if (step == Do::rollback) fail_at(attempt, Do::execute, ErrorKind::replay);
        fail_at(attempt, step, ErrorKind::disconnected);
        CHECK(attempt.next() == Do::reconnect);
        attempt.succeeded();
        CHECK(attempt.next() == Do::ask_standing);
        CHECK(attempt.commit_sent() == (step == Do::commit));
    }
}

TEST_CASE("a commit in doubt that the ledger knows of is not done again") {
    Attempt attempt = attempt_at(rows({1, 2}));
    fail_at(attempt, Do::commit, ErrorKind::disconnected);
    attempt.succeeded();
    attempt.stands(Standing::recorded);
    CHECK(attempt.next() == Do::done);
    CHECK(attempt.take_recorded().size() == 1);
}

TEST_CASE("a row named at fault is cut out at once, and the rows before and after it stay together") {
    Attempt attempt = attempt_at(rows({1, 2, 3, 4, 5}));
    go_to(attempt, Do::execute);
    Error error{ErrorKind::row, "duplicate"};
    error.item_index = 2;
    attempt.failed(error, now);
    attempt.succeeded();
    CHECK(attempt.part().count == 2);
    go_to(attempt, Do::commit);
    attempt.succeeded();
    CHECK(attempt.part().count == 1);
    CHECK(attempt.part().items[0].key() == position(3));
    fail_at(attempt, Do::execute, ErrorKind::row);
    go_to(attempt, Do::record);  // without being executed again
    REQUIRE(attempt.settlement().dead_letters.size() == 1);
    CHECK(attempt.settlement().dead_letters[0].key == position(3));
    CHECK(attempt.settlement().dead_letters[0].attempts == 1);
    CHECK_FALSE(attempt.settlement().completes);
    go_to(attempt, Do::commit);
    attempt.succeeded();
    CHECK(attempt.part().count == 2);
    go_to(attempt, Do::record);
    CHECK(attempt.settlement().completes);
}

TEST_CASE("a dead letter that cannot be recorded fails the run instead of being tried for ever") {
    for (const ErrorKind kind : {ErrorKind::row, ErrorKind::too_large}) {
        Attempt attempt = attempt_at(rows({1}));
        fail_at(attempt, Do::execute, ErrorKind::row);
        fail_at(attempt, Do::record, kind);
        attempt.succeeded();
        CHECK(attempt.next() == Do::fail);
    }
}

TEST_CASE("one deadlock while a dead letter is recorded is replayed, however often its row was tried") {
    Attempt attempt = attempt_at(rows({1}), 2);
    fail_at(attempt, Do::execute, ErrorKind::replay);
    fail_at(attempt, Do::execute, ErrorKind::replay);
    fail_at(attempt, Do::record, ErrorKind::replay);
    attempt.succeeded();
    CHECK(attempt.next() == Do::wait);
    go_to(attempt, Do::record);
    REQUIRE(attempt.settlement().dead_letters.size() == 1);
    CHECK(attempt.settlement().dead_letters[0].attempts == 2);
}

TEST_CASE("an empty stretch whose end cannot be recorded fails the run, and executes nothing") {
    Attempt attempt = attempt_at(rows({}));
    attempt.succeeded();
    CHECK(attempt.next() == Do::record);
    attempt.failed(Error{ErrorKind::row, "it failed"}, now);
    attempt.succeeded();
    CHECK(attempt.next() == Do::fail);
}

TEST_CASE("the items of a stretch are read a few times, and then the run fails") {
    Attempt attempt =
        attempt_at({.origin = 1, .count = 10, .after = position(0), .upto = position(10), .items = {}}, 3);
    fail_at(attempt, Do::execute, ErrorKind::row);
    attempt.succeeded();
    for (int tries = 0; tries < 2; ++tries) {
        REQUIRE(attempt.next() == Do::expand);
        attempt.failed(Error{ErrorKind::interrupted, "killed"}, now);
        REQUIRE(attempt.next() == Do::wait);
        CHECK(attempt.wait_time() > 0ms);
        attempt.succeeded();
    }
    attempt.failed(Error{ErrorKind::interrupted, "killed"}, now);
    CHECK(attempt.next() == Do::fail);
}

TEST_CASE("a hidden commit stops the run even when the connection goes during the rollback") {
    Attempt attempt = attempt_at(rows({1, 2}));
    fail_at(attempt, Do::record, ErrorKind::unsafe);
    attempt.failed(Error{ErrorKind::disconnected, "gone away"}, now);
    REQUIRE(attempt.next() == Do::fail);
    CHECK(attempt.error()->kind() == ErrorKind::unsafe);
}

TEST_CASE("a stop whose rollback fails is still a stop") {
    for (const ErrorKind kind : {ErrorKind::stopped, ErrorKind::disconnected}) {
        Attempt attempt = attempt_at(rows({1, 2}));
        fail_at(attempt, Do::execute, ErrorKind::stopped);
        attempt.failed(Error{kind, "gone away"}, now);
        CHECK(attempt.next() == Do::stop);
    }
}

TEST_CASE("a server that stays away is waited for, and then the run fails as unreachable") {
    Attempt attempt = attempt_at(rows({1}));
    go_to(attempt, Do::execute);
    attempt.failed(Error{ErrorKind::disconnected, "gone away"}, now);
    attempt.failed(Error{ErrorKind::disconnected, "refused"}, now + 599s);
    CHECK(attempt.next() == Do::wait);
    CHECK(attempt.wait_time() >= 50ms);
    attempt.succeeded();
    attempt.failed(Error{ErrorKind::disconnected, "refused"}, now + 600s);
    REQUIRE(attempt.next() == Do::fail);
    CHECK(attempt.error()->kind() == ErrorKind::unreachable);
}

TEST_CASE("an item that asks for a wait of its own gets it, and no attempt is used up") {
    Attempt attempt = attempt_at(rows({1}), 2);
    for (int snooze = 0; snooze < 5; ++snooze) {
        go_to(attempt, Do::execute);
        attempt.executed({.skipped = 0, .named = {{0, retry("too many requests", Duration{7000})}}, .counted = {}});
        CHECK(attempt.next() == Do::rollback);
        attempt.succeeded();
        REQUIRE(attempt.next() == Do::wait);
        CHECK(attempt.wait_time() == 7s);
    }
    CHECK(attempt.troubled());
}

TEST_CASE("a full disk is waited for, a second at least, and uses up no attempt") {
    Attempt attempt = attempt_at(rows({1}), 2);
    for (int wait = 0; wait < 10; ++wait) {
        fail_at(attempt, Do::execute, ErrorKind::disk_full);
        attempt.succeeded();
        REQUIRE(attempt.next() == Do::wait);
        CHECK(attempt.wait_time() >= 1s);
    }
}

TEST_CASE("who is to leave leaves between two parts, never inside one") {
    Attempt attempt = attempt_at(rows({1, 2}));
    fail_at(attempt, Do::execute, ErrorKind::row);
    attempt.succeeded();
    go_to(attempt, Do::execute);
    attempt.leave();
    go_to(attempt, Do::commit);
    attempt.succeeded();
    CHECK(attempt.next() == Do::stop);
    CHECK(attempt.take_recorded().size() == 1);
}
