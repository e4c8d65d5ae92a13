#include "engine/clock.hpp"

#include <condition_variable>
#include <mutex>

namespace rowmill::engine {

bool SteadyClock::wait_until(TimePoint when, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait_until(lock, stop, when, [] { return false; });
    return !stop.stop_requested();
}

}  // namespace rowmill::engine
