#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace rowmill::run {

/// Keeps what was seen for a second, so that many who look at once cost one look; longer where looking takes long. Those who ask while
/// somebody looks wait for that look, be there what to see or an error. Thread-safe.
template <typename Key, typename Seen>
class KeptLooks {
public:
    /// What was seen under this key a moment ago, or is being looked at, else what `look` sees, which must not ask here. Throws what the
    /// look throws, of which nothing is kept.
    template <typename Look>
    Seen get(const Key& key, Look look) {
        const auto began = Clock::now();
        const auto mine = std::make_shared<UnderWay>();
        {
            std::unique_lock lock{mutex_};
            std::erase_if(kept_, [&](const auto& entry) { return entry.second.until < began; });
            if (const auto found = kept_.find(key); found != kept_.end()) return found->second.seen;
            const auto [at, is_first] = under_way_.emplace(key, mine);
            if (!is_first) {
                const std::shared_future<Seen> awaited = at->second->seen;
                lock.unlock();
                return awaited.get();
            }
        }
        try {
            Seen seen = look();
            const auto ended = Clock::now();
            // No more than a tenth of the time is spent on it.
            const auto life = std::max<Clock::duration>(std::chrono::seconds{1}, 10 * (ended - began));
            finish(key, mine, [&] { kept_.insert_or_assign(key, Entry{ended + life, seen}); });
            mine->told.set_value(seen);
            return seen;
        } catch (...) {
            finish(key, mine, [] {});
            mine->told.set_exception(std::current_exception());
            throw;
        }
    }
    /// Something was changed: who asks from now on is not shown what was seen before, or is being looked at.
    void forget() {
        const std::lock_guard lock{mutex_};
        kept_.clear();
        under_way_.clear();
    }

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Clock::time_point until;
        Seen seen;
    };
    struct UnderWay {
        std::promise<Seen> told;
        std::shared_future<Seen> seen = told.get_future().share();
    };

    /// Calls `keep` unless the look was forgotten.
    template <typename Keep>
    void finish(const Key& key, const std::shared_ptr<UnderWay>& look, Keep keep) {
        const std::lock_guard lock{mutex_};
        const auto found = under_way_.find(key);
        if (found == under_way_.end() || found->second != look) return;
        under_way_.erase(found);
        keep();
    }

    std::mutex mutex_;
    std::map<Key, Entry> kept_;
    std::map<Key, std::shared_ptr<UnderWay>> under_way_;
};

}  // namespace rowmill::run
