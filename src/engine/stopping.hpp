#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

namespace rowmill::engine {

/// How a run is asked to end early. `drain`: nothing new is begun, what is in flight is finished and
/// recorded. `drop`: what is in flight is abandoned; nothing is lost, it was not recorded. The first
/// reason given is kept. Thread-safe.
class Stopping {
public:
    void drain(const std::string& why);
    void drop(const std::string& why);

    std::stop_token draining() const { return drain_.get_token(); }
    std::stop_token dropping() const { return drop_.get_token(); }
    bool is_draining() const { return drain_.stop_requested(); }
    bool is_dropping() const { return drop_.stop_requested(); }
    /// Empty while nobody asked.
    std::string why() const;

private:
    void keep(const std::string& why);

    mutable std::mutex mutex_;
    std::string why_;
    std::stop_source drain_;
    std::stop_source drop_;
};

}  // namespace rowmill::engine
