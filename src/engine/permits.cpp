#include "engine/permits.hpp"

namespace rowmill::engine {

Permits::Held Permits::take(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    const std::uint64_t mine = ++last_ticket_;
    waiting_.push_back(mine);
    const auto is_my_turn = [&] { return waiting_.front() == mine && (most_ == 0 || held_ < most_); };
    const bool taken = changed_.wait(lock, stop, is_my_turn) && !stop.stop_requested();
    waiting_.remove(mine);
    if (taken) ++held_;
    changed_.notify_all();  // another one is the first now
    return taken ? Held{*this} : Held{};
}

void Permits::set_most(std::uint64_t most) {
    const std::lock_guard lock{mutex_};
    most_ = most;
    changed_.notify_all();
}

std::uint64_t Permits::most() const {
    const std::lock_guard lock{mutex_};
    return most_;
}

std::uint64_t Permits::held() const {
    const std::lock_guard lock{mutex_};
    return held_;
}

void Permits::give_back() {
    const std::lock_guard lock{mutex_};
    --held_;
    changed_.notify_all();
}

}  // namespace rowmill::engine
