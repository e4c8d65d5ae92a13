#pragma once

#include "engine/waits.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

namespace rowmill::engine {

/// Where whoever is about to begin something waits while there is a reason to: a pause, a throttle. Nothing is held open
/// meanwhile. Reasons are kept by kind ("paused", "lag", "window"), one of each. Thread-safe.
class Gate {
public:
    explicit Gate(Waits& waits) : waits_{waits} {}

    /// Holds from now on, or for another reason than before.
    void hold(const std::string& kind, const std::string& reason);
    void let_go(const std::string& kind);
    bool is_held() const;
    /// By kind.
    std::map<std::string, std::string> reasons() const;
    /// Waits while anything holds. False, at once, when stop is requested.
    bool wait(const std::stop_token& stop);

private:
    Waits& waits_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, std::string> reasons_;
};

}  // namespace rowmill::engine
