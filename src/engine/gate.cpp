#include "engine/gate.hpp"

namespace rowmill::engine {

void Gate::hold(const std::string& kind, const std::string& reason) {
    const std::lock_guard lock{mutex_};
    if (auto& present = reasons_[kind]; present != reason) {
        present = reason;
        changed_.notify_all();
    }
}

void Gate::let_go(const std::string& kind) {
    const std::lock_guard lock{mutex_};
    if (reasons_.erase(kind) > 0) changed_.notify_all();
}

bool Gate::is_held() const {
    const std::lock_guard lock{mutex_};
    return !reasons_.empty();
}

std::map<std::string, std::string> Gate::reasons() const {
    const std::lock_guard lock{mutex_};
    return reasons_;
}

bool Gate::wait(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!reasons_.empty() && !stop.stop_requested()) {
        // The time is added up under one kind, and shown with its reason, for as long as that one is there.
        const std::string kind = reasons_.begin()->first;
        const std::string reason = reasons_.begin()->second;
        const Waits::Scope waiting{waits_, kind, reason};
        changed_.wait(lock, stop, [&] {
            const auto now = reasons_.find(kind);
            return now == reasons_.end() || now->second != reason;
        });
    }
    return !stop.stop_requested();
}

}  // namespace rowmill::engine
