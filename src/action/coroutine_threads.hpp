#pragma once

#include <memory>

namespace boost::asio {
class io_context;
}

namespace rowmill::action {

/// As many threads as there are cores, which run what coroutines do between their waits. They end with the object, when
/// no coroutine is left. Thread-safe.
class CoroutineThreads {
public:
    CoroutineThreads();
    ~CoroutineThreads();
    CoroutineThreads(const CoroutineThreads&) = delete;
    CoroutineThreads& operator=(const CoroutineThreads&) = delete;

    boost::asio::io_context& io();

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace rowmill::action
