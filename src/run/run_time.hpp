#pragma once

#include "engine/stopping.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace rowmill::run {

/// Stops a run in good order when its time is over; none: never. The thread ends with the object.
class RunTime {
public:
    RunTime(std::optional<std::chrono::milliseconds> time, engine::Stopping& stopping) {
        if (!time) return;
        thread_ = std::jthread{[time = *time, &stopping](const std::stop_token& done) {
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock{mutex};
            never.wait_for(lock, done, time, [] { return false; });
            if (!done.stop_requested()) stopping.drain("the run's time is over");
        }};
    }

private:
    std::jthread thread_;
};

}  // namespace rowmill::run
