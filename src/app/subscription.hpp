#pragma once

#include "progress/channels.hpp"

#include <rowmill/run.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace rowmill {

namespace app {

/// What a program is told of a run.
Progress progress_of(const progress::Snapshot& now);

}  // namespace app

/// A thread that waits for news and tells them: however long that takes, it keeps neither the run nor another subscriber.
struct Subscription::Inside {
    Inside(const std::shared_ptr<progress::Channel>& channel, std::function<void(const Progress&)> each);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

private:
    void tell(const std::stop_token& stop);

    const std::function<void(const Progress&)> each_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    bool has_news_ = false;
    std::shared_ptr<progress::Subscription> subscription_;
    std::jthread thread_;
};

}  // namespace rowmill
