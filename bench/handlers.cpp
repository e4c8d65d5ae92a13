// bench-handlers waits|waits-in-coroutines MILLISECONDS …
//
// The work of `bench/waiting.py` as a user of the library writes it: a handler that waits, in a thread or in a coroutine.

#include <rowmill/app.hpp>
#include <rowmill/coroutine.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <thread>

namespace {

namespace asio = boost::asio;

std::chrono::milliseconds wait_of(const rowmill::Context& context) {
    return std::chrono::milliseconds{context.param<std::int64_t>("milliseconds")};
}

rowmill::Outcome wait(const rowmill::Item& /*row*/, rowmill::Context& context) {
    std::this_thread::sleep_for(wait_of(context));
    return rowmill::success();
}

asio::awaitable<rowmill::Outcome> wait_in_coroutine(const rowmill::Item& /*row*/, rowmill::Context& context) {
    asio::steady_timer timer{co_await asio::this_coro::executor, wait_of(context)};
    co_await timer.async_wait(asio::use_awaitable);
    co_return rowmill::success();
}

}  // namespace

int main(int argc, char** argv) {
    rowmill::App app{"bench-handlers", "Handlers that wait"};
    app.job("waits", "Wait in a thread for each row")
        .param<std::int64_t>("milliseconds", "How long a row takes")
        .table("waits").each(wait);
    app.job("waits-in-coroutines", "Wait in a coroutine for each row")
        .param<std::int64_t>("milliseconds", "How long a row takes")
        .table("waits").each(wait_in_coroutine);
    return app.main(argc, argv);
}
