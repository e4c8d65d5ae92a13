#pragma once

#include "engine/clock.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <rowmill/error.hpp>

namespace rowmill::engine {

/// Runs functions, in some order, on some threads. Thread-safe.
struct Executor {
    virtual ~Executor() = default;
    virtual void post(std::function<void()> work) = 0;
    virtual void post_after(Duration delay, std::function<void()> work) = 0;
};

/// What a thread must hold while it runs our work: made on the thread, destroyed on it at its end.
using ThreadScope = std::function<std::shared_ptr<void>()>;

/// A bounded pool: `threads` threads of our own that run one Asio io_context. An exception that leaves a
/// piece of work is handed to `on_fault` and ends neither the thread nor the process.
///
/// Own threads, not asio::thread_pool, because each needs a ThreadScope.
class Pool : public Executor {
public:
    Pool(unsigned threads, ThreadScope scope, std::function<void(const Error&)> on_fault);
    /// Waits for the work that is running; what was not begun, or waits for its time, is dropped.
    ~Pool() override;

    /// At least so many threads from now on. Thread-safe.
    void grow(unsigned threads);

    void post(std::function<void()> work) override;
    void post_after(Duration delay, std::function<void()> work) override;

private:
    struct Context;
    std::unique_ptr<Context> context_;
    const ThreadScope scope_;
    std::mutex mutex_;
    std::vector<std::jthread> threads_;
};

}  // namespace rowmill::engine
