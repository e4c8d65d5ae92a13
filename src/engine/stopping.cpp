#include "engine/stopping.hpp"

namespace rowmill::engine {

void Stopping::keep(const std::string& why) {
    const std::lock_guard lock{mutex_};
    if (why_.empty()) why_ = why;
}

void Stopping::drain(const std::string& why) {
    keep(why);
    drain_.request_stop();
}

void Stopping::drop(const std::string& why) {
    keep(why);
    drain_.request_stop();
    drop_.request_stop();
}

std::string Stopping::why() const {
    const std::lock_guard lock{mutex_};
    return why_;
}

}  // namespace rowmill::engine
