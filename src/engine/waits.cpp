#include "engine/waits.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::engine {

Waits::Scope::Scope(Waits& waits, std::string kind, std::string reason)
    : waits_{waits}, kind_{std::move(kind)}, reason_{std::move(reason)} {
    const std::lock_guard lock{waits_.mutex_};
    waits_.present_.push_back(this);
    Kind& counted = waits_.kinds_[kind_];
    if (counted.waiting++ == 0) counted.since = waits_.clock_.now();
}

Waits::Scope::~Scope() {
    const std::lock_guard lock{waits_.mutex_};
    std::erase(waits_.present_, this);
    Kind& counted = waits_.kinds_[kind_];
    if (--counted.waiting == 0) counted.seconds += waits_.since(counted);
}

std::string Waits::present() const {
    const std::lock_guard lock{mutex_};
    return present_.empty() ? std::string{} : present_.front()->reason_;
}

double Waits::since(const Kind& kind) const { return std::chrono::duration<double>(clock_.now() - kind.since).count(); }

std::map<std::string, double> Waits::seconds() const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, double> seconds;
    for (const auto& [name, kind] : kinds_) seconds[name] = kind.seconds + (kind.waiting > 0 ? since(kind) : 0);
    return seconds;
}

}  // namespace rowmill::engine
