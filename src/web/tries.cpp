#include "web/tries.hpp"

namespace rowmill::web {
namespace {

constexpr std::chrono::minutes window{1};

}  // namespace

bool Tries::may_try(const std::string& peer, Time now) {
    const std::lock_guard lock{mutex_};
    forget_old(now);
    const auto known = by_peer_.find(known_as(peer));
    return known == by_peer_.end() || known->second.failures < most;
}

void Tries::failed(const std::string& peer, Time now) {
    const std::lock_guard lock{mutex_};
    forget_old(now);
    Count& count = by_peer_.try_emplace(known_as(peer), Count{0, now}).first->second;
    ++count.failures;
}

const std::string& Tries::known_as(const std::string& peer) const {
    static const std::string all_others;
    return by_peer_.contains(peer) || by_peer_.size() < most_peers ? peer : all_others;
}

void Tries::forget_old(Time now) {
    std::erase_if(by_peer_, [&](const auto& entry) { return now - entry.second.since >= window; });
}

}  // namespace rowmill::web
