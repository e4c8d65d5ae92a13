#include "engine/dispatcher.hpp"

namespace rowmill::engine {

bool Dispatcher::has_room(std::uint64_t items) const {
    const std::uint64_t now = in_flight_.load();
    const std::uint64_t limit = limit_.load();
    return limit == 0 || now == 0 || now + items <= limit;
}

void Dispatcher::set_limit(std::uint64_t limit) {
    const std::lock_guard lock{mutex_};
    limit_ = limit;
    room_.notify_all();
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

void Dispatcher::leave(std::uint64_t items) {
    // Under the mutex, or a reader that has just found no room would sleep through this.
    const std::lock_guard lock{mutex_};
    in_flight_.fetch_sub(items);
    room_.notify_all();
}

void Dispatcher::overdue(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    overdue_.fetch_add(items);
    room_.notify_all();
}

void Dispatcher::leave_overdue(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    overdue_.fetch_sub(items);
    in_flight_.fetch_sub(items);
    room_.notify_all();
}

void Dispatcher::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    room_.notify_all();
}

void Dispatcher::wait_until_empty() {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [&] { return closed_ && in_flight_.load() == overdue_.load(); });
}

void Dispatcher::wait_until_returned() {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [&] { return overdue_.load() == 0; });
}

}  // namespace rowmill::engine
