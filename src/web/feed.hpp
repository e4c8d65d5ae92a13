#pragma once

#include "progress/channels.hpp"
#include "progress/pace.hpp"
#include "web/frames.hpp"
#include "web/message.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace rowmill::web {

using Frame = std::shared_ptr<const std::string>;

/// What one channel tells, written down once for all streams that are sent it. Keeps what the channel keeps: the latest state and the last
/// lines. States come less often where many look on. Thread-safe.
class Feed : public std::enable_shared_from_this<Feed> {
public:
    using Clock = std::function<progress::Pace::Time()>;

    /// How far one stream has got.
    struct Position {
        std::uint64_t line = 0, state = 0;  ///< the last that it was sent; 0: none
        bool has_opened = false, has_ended = false;
    };

    Feed(std::unique_ptr<Frames> frames, Clock clock);

    /// To be called once, before anything else.
    void follow(const std::shared_ptr<progress::Channel>& channel);
    /// Behind what `last_event_id` names, where it is of this channel; else at the present state.
    Position position(const std::string& last_event_id);
    /// What comes next for who stands there, who then stands behind it; null: nothing yet.
    Frame next(Position& position);
    std::string heartbeat() const { return frames_->heartbeat(); }

    void add(const std::shared_ptr<progress::Doorbell>& bell);
    void remove(const std::shared_ptr<progress::Doorbell>& bell);

private:
    struct KeptLine {
        std::uint64_t number = 0;
        Frame frame;
    };

    /// What there is to be sent.
    struct Extent {
        std::uint64_t state = 0, line = 0;
        bool has_end = false;

        bool operator==(const Extent&) const = default;
    };

    void ring();
    void look();
    void add_state(const progress::News& news);
    bool is_shown(const progress::Snapshot& now);
    Extent extent() const { return {state_version_, last_line_, end_ != nullptr}; }
    std::string id(std::uint64_t line) const { return life_ + "-" + std::to_string(line); }

    const std::unique_ptr<Frames> frames_;
    const Clock clock_;
    std::string life_;
    std::shared_ptr<progress::Subscription> subscription_;
    std::atomic<bool> has_news_ = true;
    std::mutex mutex_;
    progress::Pace pace_, slow_pace_;
    Extent rung_for_;
    Frame opening_, latest_, end_;
    std::string state_;     ///< the latest, without its id
    std::string shown_as_;  ///< the run's state in it
    std::uint64_t state_version_ = 0, last_line_ = 0;
    std::deque<KeptLine> lines_;
    progress::Doorbells bells_;
};

}  // namespace rowmill::web
