#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

namespace rowmill::run {

/// Keeps what was seen for a second, so that many who look at once cost one look; longer where looking takes long. Thread-safe.
template <typename Key, typename Seen>
class KeptLooks {
public:
    /// What was seen under this key a moment ago, else what `look` sees. One that throws keeps nothing.
    template <typename Look>
    Seen get(const Key& key, Look look) {
        const auto began = Clock::now();
        {
            const std::lock_guard lock{mutex_};
            std::erase_if(kept_, [&](const auto& entry) { return entry.second.until < began; });
            if (const auto found = kept_.find(key); found != kept_.end()) return found->second.seen;
        }
        Seen seen = look();
        const auto ended = Clock::now();
        // No more than a tenth of the time is spent on it.
        const auto life = std::max<Clock::duration>(std::chrono::seconds{1}, 10 * (ended - began));
        const std::lock_guard lock{mutex_};
        if (began >= forgotten_at_) kept_.insert_or_assign(key, Entry{ended + life, seen});
        return seen;
    }
    /// Something was changed: what was seen before, or is being looked at, holds no more.
    void forget() {
        const std::lock_guard lock{mutex_};
        kept_.clear();
        forgotten_at_ = Clock::now();
    }

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Clock::time_point until;
        Seen seen;
    };

    std::mutex mutex_;
    std::map<Key, Entry> kept_;
    Clock::time_point forgotten_at_{};
};

}  // namespace rowmill::run
