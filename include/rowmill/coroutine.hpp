#pragma once

// Apart from app.hpp: Asio's headers cost every file that includes them two seconds.

#include <rowmill/job.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace rowmill {

/// A handler that waits without holding a thread:
///
///     .each([](const rowmill::Item& book, rowmill::Context& context) -> boost::asio::awaitable<rowmill::Outcome> {
///         boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, 20ms};
///         co_await timer.async_wait(boost::asio::use_awaitable);
///         co_return rowmill::success();
///     });
///
/// Coroutines run on as many threads as there are cores, each item's on a strand of its own, whose executor
/// `this_coro::executor` is. Item and context are there until the coroutine ends; other parameters and captures are the
/// lambda's, which lives as long as the run. When the item's time is up, what it waits for is cancelled (Asio's
/// `terminal`), and the next wait throws. A coroutine that blocks (a session does) holds up others.
struct CoroutineFunction {
    std::function<boost::asio::awaitable<Outcome>(const Item&, Context&)> call;
    int boost_version = BOOST_VERSION;  ///< an awaitable is known to one version of Boost only
};

/// How `Job::each` knows a coroutine by its answer.
template <>
struct Awaited<boost::asio::awaitable<Outcome>> {
    template <typename Function>
    static std::shared_ptr<const CoroutineFunction> function(Function function) {
        return std::make_shared<const CoroutineFunction>(CoroutineFunction{std::move(function)});
    }
};

}  // namespace rowmill
