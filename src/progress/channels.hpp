#pragma once

#include "progress/doorbell.hpp"
#include "progress/hub.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rowmill::progress {

/// A line of a run's log.
struct Line {
    std::uint64_t number = 0;  ///< counts up from 1, over a channel's life
    std::string at;            ///< UTC, RFC 3339
    bool is_warning = false;
    std::string text;
};

/// What a subscriber has not seen yet.
struct News {
    std::shared_ptr<const Snapshot> now;     ///< the latest state, whatever came between; null: the one seen last still holds
    std::chrono::system_clock::time_point told_at{};  ///< when the latest state was told
    std::vector<Line> lines;                 ///< the last ones, in order
    std::uint64_t lines_missed = 0;          ///< so many before them are kept no more
    std::shared_ptr<const Summary> summary;  ///< how it ended, where this process knows; once
    bool is_over = false;                    ///< nothing follows: the run has ended
};

class Channel;

/// One who follows a run. Looks when woken, or whenever it likes: a slow one gets the latest state, and never slows the run. Ends with
/// the object: its wake-up is not called afterwards. For that its end waits for a call of this one wake-up that is under way, and for no
/// publisher: so it is not to be ended under a lock that its wake-up takes. A wake-up may look, and may end its own subscription. One
/// thread at a time; other subscriptions are independent of it.
class Subscription {
public:
    Subscription(std::shared_ptr<Channel> channel, std::shared_ptr<Doorbell> bell);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    /// What is new since the last call; at the first: the present state, and the last lines.
    News take();

private:
    std::shared_ptr<Channel> channel_;
    std::shared_ptr<Doorbell> bell_;
    std::uint64_t seen_version_ = 0, seen_line_ = 0;
    bool has_seen_end_ = false;
};

/// What is told of one run: by one publisher, to any number of subscribers. Keeps the latest snapshot and the last lines, no more.
/// Thread-safe. The publisher waits for nobody: a wake-up is called at most once until its subscriber has looked, and must not block.
class Channel : public Listener, public std::enable_shared_from_this<Channel> {
public:
    static constexpr std::size_t most_lines = 200;

    explicit Channel(std::uint64_t run);

    std::uint64_t run() const { return run_; }
    /// Tells it from every other channel, of this process or another: the numbers of its lines are its own.
    const std::string& life() const { return life_; }
    /// `wake` is called, from the publisher's thread, when there is news: also at once, by this call, where there is some already.
    std::shared_ptr<Subscription> subscribe(std::function<void()> wake);
    std::size_t subscribers() const;
    std::shared_ptr<const Snapshot> now() const;
    bool is_over() const;

    void progress(const Snapshot& now) override;
    void note(const std::string& line) override;
    void warning(const std::string& line) override;
    /// The end of the channel.
    void finished(const Summary& summary) override;
    /// The same, for a publisher that follows a run from outside.
    void end(const Snapshot& last);

private:
    friend class Subscription;

    /// Makes a change under the lock, and rings for it; nothing where the channel is over.
    template <typename Change>
    void tell(Change change);
    void show(std::shared_ptr<const Snapshot> now);
    void add_line(const std::string& text, bool is_warning);
    void close(const Snapshot& last, std::shared_ptr<const Summary> summary);

    const std::uint64_t run_;
    const std::string life_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> now_;  ///< null: nothing is known yet
    std::chrono::system_clock::time_point told_at_{};
    std::uint64_t version_ = 0;            ///< of `now_`; 0: nothing is known yet
    std::deque<Line> lines_;
    std::uint64_t last_line_ = 0;
    std::shared_ptr<const Summary> summary_;
    bool is_over_ = false;
    Doorbells bells_;
};

/// The channels of the runs that somebody watches, or that this process works on. Thread-safe.
class Channels {
public:
    /// Made where there is none, or only one that is over.
    std::shared_ptr<Channel> of(std::uint64_t run);
    std::shared_ptr<Channel> find(std::uint64_t run) const;
    /// All that there are.
    std::vector<std::shared_ptr<Channel>> all() const;
    /// Forgets this one: whoever is subscribed keeps it to the end, whoever comes later gets another one.
    void remove(const std::shared_ptr<Channel>& channel);

private:
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::shared_ptr<Channel>> channels_;
};

}  // namespace rowmill::progress
