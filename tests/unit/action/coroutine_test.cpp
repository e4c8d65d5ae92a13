#include "action/coroutine_threads.hpp"
#include "handler_fixture.hpp"

#include <rowmill/coroutine.hpp>
#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>

using namespace rowmill;
using namespace rowmill::test;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const CoroutineFunction> coroutine(
    std::function<asio::awaitable<Outcome>(const Item&, Context&)> function) {
    return std::make_shared<const CoroutineFunction>(CoroutineFunction{std::move(function)});
}

asio::awaitable<void> wait_for(std::chrono::milliseconds time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

Outcome outcome_of(std::function<asio::awaitable<Outcome>(const Item&, Context&)> function,
                   std::shared_ptr<action::HandlerRun> run = handler_run()) {
    action::CoroutineThreads threads;
    Answered answered;
    action::coroutine_action(coroutine(std::move(function)), std::move(run), threads)
        ->start(books(), {}, answered.reply());
    return answered.outcome();
}

}  // namespace

TEST_CASE("a coroutine's outcome is the item's, after it has waited") {
    CHECK(outcome_of([](const Item& book, Context&) -> asio::awaitable<Outcome> {
              const std::string title = book["title"].as_string();
              co_await wait_for(1ms);
              co_return skip(title + book["title"].as_string());
          }) == skip("t1t1"));
}

TEST_CASE("a coroutine may take its item and its context by value") {
    CHECK(outcome_of([](Item book, Context context) -> asio::awaitable<Outcome> {
              co_await wait_for(1ms);
              co_return skip(book["title"].as_string() + " " + std::to_string(context.attempt()));
          }) == skip("t1 1"));
}

TEST_CASE("a coroutine that throws is a failure of its exception's class") {
    const Outcome outcome = outcome_of([](const Item&, Context&) -> asio::awaitable<Outcome> {
        co_await wait_for(1ms);
        throw std::out_of_range{"page 3"};
    });
    CHECK(outcome == failure("page 3", "std::out_of_range"));
}

TEST_CASE("a coroutine that throws is tried again with retry_on_exception") {
    const auto run = handler_run();
    run->retry_on_exception = true;
    const Outcome outcome = outcome_of(
        [](const Item&, Context&) -> asio::awaitable<Outcome> {
            co_await wait_for(0ms);
            throw std::out_of_range{"page 3"};
        },
        run);
    CHECK(outcome.kind == Outcome::Kind::retry);
}

TEST_CASE("starting a coroutine does not wait for it") {
    action::CoroutineThreads threads;
    Answered answered;
    std::stop_source stop;
    const auto action = action::coroutine_action(coroutine([](const Item&, Context&) -> asio::awaitable<Outcome> {
                                                     co_await wait_for(1h);
                                                     co_return success();
                                                 }),
                                                 handler_run(), threads);
    CHECK(action->runs_on() == engine::Where::io);
    action->start(books(), {.stop = stop.get_token()}, answered.reply());
    CHECK_FALSE(answered.is_there());
    stop.request_stop();
    answered.wait();
}

TEST_CASE("a stop cancels what a coroutine waits for") {
    action::CoroutineThreads threads;
    Answered answered;
    std::stop_source stop;
    std::latch waiting{1};
    const auto action = action::coroutine_action(coroutine([&](const Item&, Context&) -> asio::awaitable<Outcome> {
                                                     waiting.count_down();
                                                     co_await wait_for(1h);
                                                     co_return success();
                                                 }),
                                                 handler_run(), threads);
    action->start(books(), {.stop = stop.get_token()}, answered.reply());
    waiting.wait();
    stop.request_stop();
    CHECK(answered.outcome().kind == Outcome::Kind::failure);
}

TEST_CASE("a stop that came before the start cancels a coroutine at its first wait") {
    action::CoroutineThreads threads;
    Answered answered;
    std::stop_source stop;
    stop.request_stop();
    const auto action = action::coroutine_action(coroutine([&](const Item&, Context&) -> asio::awaitable<Outcome> {
                                                     co_await wait_for(1h);
                                                     co_return success();
                                                 }),
                                                 handler_run(), threads);
    action->start(books(), {.stop = stop.get_token()}, answered.reply());
    CHECK(answered.outcome().kind == Outcome::Kind::failure);
}

TEST_CASE("a coroutine that ignores its cancellation answers when it returns, and not before") {
    action::CoroutineThreads threads;
    Answered answered;
    std::stop_source stop;
    std::atomic<bool> may_end{false};
    const auto action =
        action::coroutine_action(coroutine([&](const Item&, Context& context) -> asio::awaitable<Outcome> {
                                     co_await asio::this_coro::throw_if_cancelled(false);
                                     while (!may_end) {
                                         boost::system::error_code ignored;
                                         asio::steady_timer timer{co_await asio::this_coro::executor, 1ms};
                                         co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
                                     }
                                     co_return context.stop_token().stop_requested() ? skip("late") : success();
                                 }),
                                 handler_run(), threads);
    action->start(books(), {.stop = stop.get_token()}, answered.reply());
    stop.request_stop();
    CHECK_FALSE(answered.is_there());
    may_end = true;
    CHECK(answered.outcome() == skip("late"));
}

TEST_CASE("thousands of coroutines wait on no more threads than there are cores") {
    constexpr unsigned many = 5000;
    action::CoroutineThreads threads;
    std::mutex mutex;
    std::set<std::thread::id> seen;
    std::atomic<unsigned> in_flight{0};
    std::atomic<bool> all_there{false};
    std::latch done{many};
    const auto action = action::coroutine_action(coroutine([&](const Item&, Context&) -> asio::awaitable<Outcome> {
                                                     if (++in_flight == many) all_there = true;
                                                     while (!all_there) co_await wait_for(1ms);
                                                     const std::lock_guard lock{mutex};
                                                     seen.insert(std::this_thread::get_id());
                                                     co_return success();
                                                 }),
                                                 handler_run(), threads);
    for (unsigned i = 0; i < many; ++i)
        action->start(books(), {}, engine::Reply{[&](engine::Reply::Answer) { done.count_down(); }});
    done.wait();
    CHECK(in_flight == many);
    CHECK(seen.size() <= std::max(1U, std::thread::hardware_concurrency()));
}

TEST_CASE("an action may be let go of by the answer to its last call") {
    action::CoroutineThreads threads;
    auto action = action::coroutine_action(coroutine([](const Item&, Context&) -> asio::awaitable<Outcome> {
                                               co_await wait_for(0ms);
                                               co_return success();
                                           }),
                                           handler_run(), threads);
    std::latch done{1};
    engine::Action* const start_on = action.get();
    auto held = std::make_shared<std::shared_ptr<engine::Action>>(std::move(action));
    start_on->start(books(), {}, engine::Reply{[held, &done](engine::Reply::Answer) {
                        held->reset();
                        done.count_down();
                    }});
    done.wait();
    CHECK(*held == nullptr);
}

TEST_CASE("a coroutine that was compiled with another Boost is refused with both versions") {
    try {
        action::check_boost({.call = {}, .boost_version = 107400});
        FAIL("it was taken");
    } catch (const Error& error) {
        CHECK(std::string{error.what()}.find("Boost 1.74") != std::string::npos);
        CHECK(std::string{error.what()}.find("Boost 1.81") != std::string::npos);
    }
}
