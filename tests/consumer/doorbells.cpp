// Coroutines, which share Asio with the library.

#include <rowmill/app.hpp>
#include <rowmill/coroutine.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace asio = boost::asio;
using namespace std::chrono_literals;

int main(int argc, char** argv) {
    rowmill::App app{"doorbells", "Ring at each door"};
    app.job("ring", "Ring, wait, and see who opens")
        .table("books")
        .concurrency(1000)
        .max_failures("50%")
        .each([](rowmill::Item door, rowmill::Context) -> asio::awaitable<rowmill::Outcome> {
            asio::steady_timer timer{co_await asio::this_coro::executor, 50ms};
            co_await timer.async_wait(asio::use_awaitable);
            if (door["id"].as_integer() % 10 == 0) throw std::domain_error{"nobody at home"};
            co_return rowmill::success();
        });
    return app.main(argc, argv);
}
