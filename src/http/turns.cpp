#include "http/turns.hpp"

#include <algorithm>

namespace rowmill::http {

bool Turns::has_room(const std::string& host) const {
    const auto found = begun_of_.find(host);
    return begun_ < overall_ && (found == begun_of_.end() || found->second < per_host_);
}

void Turns::count_in(const std::string& host) {
    ++begun_;
    ++begun_of_[host];
}

bool Turns::enter(Id id, const std::string& host) {
    if (!has_room(host)) {
        waiting_.push_back({id, host});
        return false;
    }
    count_in(host);
    return true;
}

void Turns::leave(const std::string& host) {
    --begun_;
    const auto found = begun_of_.find(host);
    if (--found->second == 0) begun_of_.erase(found);
}

void Turns::forget(Id id) {
    waiting_.remove_if([id](const Waiting& waiting) { return waiting.id == id; });
}

std::optional<Turns::Id> Turns::next() {
    if (begun_ >= overall_) return std::nullopt;
    const auto found = std::ranges::find_if(waiting_, [this](const Waiting& one) { return has_room(one.host); });
    if (found == waiting_.end()) return std::nullopt;
    const Waiting chosen = std::move(*found);
    waiting_.erase(found);
    count_in(chosen.host);
    return chosen.id;
}

}  // namespace rowmill::http
