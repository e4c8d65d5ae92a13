#pragma once

#include "engine/stopping.hpp"
#include "run/until.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace rowmill::run {

/// Stops a run in good order when its time is over, or when a time of day has come; where neither is given, never. The thread ends
/// with the object.
class RunTime {
public:
    RunTime(std::optional<std::chrono::milliseconds> time, std::optional<Until> until, engine::Stopping& stopping) {
        if (!time && !until) return;
        const auto end = time ? Clock::now() + *time : Clock::time_point::max();
        thread_ = std::jthread{[end, until, &stopping](const std::stop_token& done) {
            while (!done.stop_requested()) {
                if (Clock::now() >= end) return stopping.drain("the run's time is over");
                if (until && std::chrono::system_clock::now() >= until->time) return stopping.drain("it is " + until->text);
                wait(end, until, done);
            }
        }};
    }

private:
    using Clock = std::chrono::steady_clock;

    static void wait(Clock::time_point end, const std::optional<Until>& until, const std::stop_token& done) {
        // Clocks are set, and hosts sleep: the time of day is looked at again and again.
        auto longest = std::min<Clock::duration>(std::chrono::seconds{10}, end - Clock::now());
        if (until) longest = std::min<Clock::duration>(longest, until->time - std::chrono::system_clock::now());
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock{mutex};
        never.wait_for(lock, done, longest, [] { return false; });
    }

    std::jthread thread_;
};

}  // namespace rowmill::run
