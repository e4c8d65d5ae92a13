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
    if (!room_.wait(lock, stop, [&] { return queue_.empty() && has_room(items); })) return false;
    if (stop.stop_requested()) return false;
    count_in(items);
    return true;
}

void Dispatcher::enter_anyway(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    count_in(items);
}

void Dispatcher::enter_next(std::uint64_t items, std::function<void()> begin) {
    std::vector<std::function<void()>> entered;
    {
        const std::lock_guard lock{mutex_};
        queue_.push_back({items, std::move(begin)});
        entered = let_queued_in();
    }
    for (auto& work : entered) executor_.post(std::move(work));
}

std::vector<std::function<void()>> Dispatcher::let_queued_in() {
    std::vector<std::function<void()>> entered;
    while (!queue_.empty() && has_room(queue_.front().items)) {
        count_in(queue_.front().items);
        entered.push_back(std::move(queue_.front().begin));
        queue_.pop_front();
    }
    return entered;
}

void Dispatcher::leave(std::uint64_t items) {
    std::vector<std::function<void()>> entered;
    {
        // Under the mutex, or a reader that has just found no room would sleep through this.
        const std::lock_guard lock{mutex_};
        in_flight_.fetch_sub(items);
        entered = let_queued_in();
        room_.notify_all();
    }
    // Each of them is in flight, so the run is still there.
    for (auto& work : entered) executor_.post(std::move(work));
}

void Dispatcher::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    room_.notify_all();
}

void Dispatcher::begin_wait() {
    ++waiting_;
}

void Dispatcher::end_wait() {
    const std::lock_guard lock{mutex_};
    --waiting_;
    room_.notify_all();
}

void Dispatcher::wait_until_empty(std::stop_token stop) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, stop, [&] { return closed_ && in_flight_.load() == 0 && waiting_.load() == 0; });
    room_.wait(lock, [&] { return closed_ && in_flight_.load() == 0; });
    queue_.clear();
}

}  // namespace rowmill::engine
