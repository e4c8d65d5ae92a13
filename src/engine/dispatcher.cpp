#include "engine/dispatcher.hpp"

namespace rowmill::engine {

bool Dispatcher::has_room(std::uint64_t items) const {
    const std::uint64_t now = in_flight_.load();
    return limit_ == 0 || now == 0 || now + items <= limit_;
}

void Dispatcher::count_in(std::uint64_t items) {
    const std::uint64_t now = in_flight_.fetch_add(items) + items;
    if (now > peak_.load()) peak_.store(now);
}

bool Dispatcher::enter(std::uint64_t items, std::stop_token stop) {
    std::unique_lock lock{mutex_};
    if (!room_.wait(lock, stop, [&] { return has_room(items); })) return false;
    if (stop.stop_requested()) return false;
    count_in(items);
    return true;
}

void Dispatcher::enter_anyway(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    count_in(items);
}

bool Dispatcher::try_enter(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    if (!has_room(items)) return false;
    count_in(items);
    return true;
}

void Dispatcher::leave(std::uint64_t items) {
    // Under the mutex, or a reader that has just found no room would sleep through this.
    const std::lock_guard lock{mutex_};
    in_flight_.fetch_sub(items);
    room_.notify_all();
}

void Dispatcher::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    room_.notify_all();
}

void Dispatcher::begin_wait() { ++waiting_; }

void Dispatcher::end_wait() {
    const std::lock_guard lock{mutex_};
    --waiting_;
    room_.notify_all();
}

void Dispatcher::wait_until_empty(std::stop_token stop) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, stop, [&] { return closed_ && in_flight_.load() == 0 && waiting_.load() == 0; });
    room_.wait(lock, [&] { return closed_ && in_flight_.load() == 0; });
}

}  // namespace rowmill::engine
