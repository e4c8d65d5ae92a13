#include "engine/waits.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::engine {

Waits::Scope::Scope(Waits& waits, std::string kind, std::string reason)
    : waits_{waits}, kind_{std::move(kind)}, reason_{std::move(reason)}, start_{waits.clock_.now()} {
    const std::lock_guard lock{waits_.mutex_};
    waits_.present_.push_back(this);
}

Waits::Scope::~Scope() {
    const std::lock_guard lock{waits_.mutex_};
    std::erase(waits_.present_, this);
    waits_.seconds_[kind_] += std::chrono::duration<double>(waits_.clock_.now() - start_).count();
}

std::string Waits::present() const {
    const std::lock_guard lock{mutex_};
    return present_.empty() ? std::string{} : present_.front()->reason_;
}

std::map<std::string, double> Waits::seconds() const {
    const std::lock_guard lock{mutex_};
    auto seconds = seconds_;
    for (const Scope* scope : present_)
        seconds[scope->kind_] += std::chrono::duration<double>(clock_.now() - scope->start_).count();
    return seconds;
}

}  // namespace rowmill::engine
