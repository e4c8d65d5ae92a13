#include "action/coroutine_threads.hpp"

#include "db/session.hpp"
#include "engine/fault.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <vector>

namespace rowmill::action {
namespace asio = boost::asio;

struct CoroutineThreads::Running {
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
    std::vector<std::jthread> threads;

    void run() {
        const db::ThreadScope scope;  // a handler may ask for a session
        for (;;) {
            try {
                io.run();
                return;
            } catch (...) {
                // From work that a handler posted itself; of which row, nobody knows.
                std::fprintf(stderr, "work that a handler posted threw: %s\n", engine::current_error().what());
            }
        }
    }
};

CoroutineThreads::CoroutineThreads() : running_{std::make_unique<Running>()} {
    const unsigned count = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) running_->threads.emplace_back([running = running_.get()] { running->run(); });
}

CoroutineThreads::~CoroutineThreads() {
    running_->guard.reset();
    running_->io.stop();
    running_->threads.clear();
}

asio::io_context& CoroutineThreads::io() {
    return running_->io;
}

}  // namespace rowmill::action
