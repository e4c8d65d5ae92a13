#include "engine/calls.hpp"

#include <vector>

namespace rowmill::engine {

struct Calls::Shared : std::enable_shared_from_this<Shared> {
    Shared(Executor& to_use, Clock& by, const Stopping& with, Dispatcher& of, Duration time)
        : executor{to_use}, clock{by}, stopping{with}, dispatcher{of}, timeout{time} {}

    Executor& executor;
    Clock& clock;
    const Stopping& stopping;
    Dispatcher& dispatcher;
    const Duration timeout;
    std::mutex mutex;
    std::list<Call::Entry> entries;
    bool is_armed = false;
    bool is_over = false;  ///< the run is: nothing of it may be touched

    void drop() {
        for (const auto& call : all()) call->give_up();
    }

    std::vector<std::shared_ptr<Call>> all() {
        const std::lock_guard lock{mutex};
        std::vector<std::shared_ptr<Call>> calls;
        for (const Call::Entry& entry : entries)
            if (auto call = entry.call.lock()) calls.push_back(std::move(call));
        return calls;
    }

    /// One timer at a time, for the call that began first. With the mutex held.
    void arm() {
        if (is_armed || timeout == Duration{0} || entries.empty()) return;
        is_armed = true;
        const auto left = std::max(TimePoint::duration{0}, entries.front().due - clock.now());
        // Rounded up, or the timer would come a moment before the call's time and have to come again at once.
        const Duration delay = std::chrono::duration_cast<Duration>(left) + Duration{1};
        executor.post_after(delay, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->look();
        });
    }

    void look() {
        std::vector<std::shared_ptr<Call>> late;
        {
            const std::lock_guard lock{mutex};
            if (is_over) return;
            is_armed = false;
            const TimePoint now = clock.now();
            for (auto entry = entries.begin(); entry != entries.end() && entry->due <= now;) {
                auto call = entry->call.lock();
                // Still listed: who drops the run asks it to give up as well.
                if (call && !call->settled_.load()) late.push_back(std::move(call));
                entry->due = TimePoint::max();
                entries.splice(entries.end(), entries, entry++);
            }
            if (!entries.empty() && entries.front().due != TimePoint::max()) arm();
        }
        for (const auto& call : late) call->expired_();
    }
};

Calls::Calls(Executor& executor, Clock& clock, const Stopping& stopping, Dispatcher& dispatcher, Duration timeout)
    : shared_{std::make_shared<Shared>(executor, clock, stopping, dispatcher, timeout)},
      on_drop_{stopping.dropping(), [shared = shared_] { shared->drop(); }} {}

Calls::~Calls() {
    const std::lock_guard lock{shared_->mutex};
    shared_->is_over = true;
}

void Calls::begin(const std::shared_ptr<Call>& call) {
    {
        const std::lock_guard lock{shared_->mutex};
        // Before those that are late, which stay at the end.
        auto place = shared_->entries.end();
        while (place != shared_->entries.begin() && std::prev(place)->due == TimePoint::max()) --place;
        call->began_ = shared_->clock.now();
        call->entry_ = shared_->entries.insert(place, {call->began_ + shared_->timeout, call});
        call->calls_ = shared_;
        shared_->arm();
    }
    if (shared_->stopping.is_dropping()) call->give_up();
}

void Calls::end(Call& call) {
    const std::lock_guard lock{shared_->mutex};
    shared_->entries.erase(call.entry_);
}

void Calls::came_back(Call& call) {
    const auto shared = call.calls_.lock();
    if (!shared) return;
    const std::lock_guard lock{shared->mutex};
    if (shared->is_over) return;
    shared->entries.erase(call.entry_);
    shared->dispatcher.leave_overdue(call.batch.count);
}

}  // namespace rowmill::engine
