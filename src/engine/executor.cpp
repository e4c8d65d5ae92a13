#include "engine/executor.hpp"

#include "engine/fault.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>

namespace rowmill::engine {
namespace asio = boost::asio;

struct Pool::Context {
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
    std::function<void(const Error&)> on_fault;
    std::atomic<bool> closing{false};

    void run_guarded(const std::function<void()>& work) {
        try {
            work();
        } catch (...) {
            on_fault(current_error());
        }
    }
};

Pool::Pool(unsigned threads, ThreadScope scope, std::function<void(const Error&)> on_fault)
    : context_{std::make_unique<Context>()}, scope_{std::move(scope)} {
    context_->on_fault = std::move(on_fault);
    grow(threads);
}

void Pool::grow(unsigned threads) {
    const std::lock_guard lock{mutex_};
    while (threads_.size() < threads) {
        threads_.emplace_back([this] {
            const auto held = scope_ ? scope_() : nullptr;
            context_->io.run();
        });
    }
}

Pool::~Pool() {
    context_->closing = true;
    context_->io.stop();
    threads_.clear();
}

void Pool::post(std::function<void()> work) {
    asio::post(context_->io, [context = context_.get(), work = std::move(work)] { context->run_guarded(work); });
}

void Pool::post_after(Duration delay, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(context_->io, delay);
    timer->async_wait(
        [timer, context = context_.get(), work = std::move(work)](const boost::system::error_code& error) {
            if (!error && !context->closing) context->run_guarded(work);
        });
}

}  // namespace rowmill::engine
