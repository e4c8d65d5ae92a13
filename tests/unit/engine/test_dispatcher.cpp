#include "../../support/fakes.hpp"

#include "engine/call.hpp"
#include "engine/dispatcher.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;

TEST_CASE("who asks for more than there is room for waits until it is free") {
    ManualExecutor executor{ManualExecutor::Posts::held};
    Dispatcher dispatcher{executor, 10};
    CHECK(dispatcher.enter(6, {}));
    bool entered = false;
    {
        std::jthread reader{[&] { entered = dispatcher.enter(5, {}); }};
        dispatcher.leave(6);
    }
    CHECK(entered);
    CHECK(dispatcher.in_flight() == 5);
    CHECK(dispatcher.peak() <= 10);
}

TEST_CASE("a batch larger than the bound goes alone") {
    ManualExecutor executor{ManualExecutor::Posts::held};
    Dispatcher dispatcher{executor, 10};
    CHECK(dispatcher.enter(50, {}));
    CHECK(dispatcher.in_flight() == 50);
}

TEST_CASE("once stop is requested nobody enters, room or not") {
    ManualExecutor executor{ManualExecutor::Posts::held};
    Dispatcher dispatcher{executor, 10};
    std::stop_source stop;
    CHECK(dispatcher.enter(8, stop.get_token()));
    bool entered = true;
    {
        std::jthread reader{[&] { entered = dispatcher.enter(8, stop.get_token()); }};
        stop.request_stop();
    }
    CHECK_FALSE(entered);
    CHECK_FALSE(dispatcher.enter(1, stop.get_token()));
    CHECK(dispatcher.in_flight() == 8);
}

TEST_CASE("the latch opens only when it is closed and nothing is in flight") {
    ManualExecutor executor{ManualExecutor::Posts::held};
    Dispatcher dispatcher{executor, 10};
    CHECK(dispatcher.enter(1, {}));
    std::atomic<bool> open{false};
    std::jthread waiter{[&] {
        dispatcher.wait_until_empty();
        open = true;
    }};
    dispatcher.close();
    CHECK_FALSE(open);
    dispatcher.leave(1);
    waiter.join();
    CHECK(open);
}

TEST_CASE("what is overdue keeps its room and is not waited for") {
    ManualExecutor executor{ManualExecutor::Posts::held};
    Dispatcher dispatcher{executor, 2};
    CHECK(dispatcher.enter(2, {}));
    dispatcher.overdue(1);
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(dispatcher.enter(1, stop.get_token()));
    dispatcher.leave(1);
    dispatcher.close();
    dispatcher.wait_until_empty();
    CHECK(dispatcher.in_flight() == 1);
    dispatcher.leave_overdue(1);
    CHECK(dispatcher.in_flight() == 0);
    CHECK(dispatcher.overdue() == 0);
}

namespace {

struct Once : Action {
    std::function<void(Reply)> then;
    Where runs_on() const override { return Where::io; }
    void start(const Batch&, Context, Reply reply) override { then(std::move(reply)); }
};

/// The answers to one call of an action that does `then` with its reply.
std::vector<Reply::Answer> answers_of(std::function<void(Reply)> then) {
    Once action;
    action.then = std::move(then);
    std::vector<Reply::Answer> answers;
    start_call(action, {}, {}, [&](Reply::Answer answer) { answers.push_back(std::move(answer)); });
    return answers;
}

bool is_error(const Reply::Answer& answer, ErrorKind kind) {
    const Error* error = std::get_if<Error>(&answer);
    return error != nullptr && error->kind() == kind;
}

}  // namespace

TEST_CASE("a reply answers once, however often it is told") {
    const auto answers = answers_of([](Reply reply) {
        reply.answer({.skipped = 7, .named = {}, .counted = {}});
        reply.fail(Error{ErrorKind::fatal, "too late"});
    });
    REQUIRE(answers.size() == 1);
    CHECK(std::get<BatchOutcome>(answers[0]).skipped == 7);
}

TEST_CASE("a reply that is dropped answers a failure of the items") {
    const auto answers = answers_of([](Reply) {});
    REQUIRE(answers.size() == 1);
    CHECK(is_error(answers[0], ErrorKind::row));
}

TEST_CASE("a reply moved onto another answers for the one that it replaces") {
    std::vector<int> answered;
    Reply first{[&](Reply::Answer) { answered.push_back(1); }};
    first = Reply{[&](Reply::Answer) { answered.push_back(2); }};
    CHECK(answered == std::vector<int>{1});
    first.answer({});
    CHECK(answered == std::vector<int>{1, 2});
}

TEST_CASE("what an action throws is its answer, and what its reply says later is ignored") {
    std::optional<Reply> kept;
    const auto answers = answers_of([&](Reply reply) {
        kept.emplace(std::move(reply));
        throw Error{ErrorKind::fatal, "no such host"};
    });
    REQUIRE(answers.size() == 1);
    CHECK(is_error(answers[0], ErrorKind::fatal));
    kept->answer({});
    CHECK(answers.size() == 1);
}
