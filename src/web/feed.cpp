#include "web/feed.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace rowmill::web {
namespace {

/// So many streams get a state at most so often: each is sent apart, and what that costs is taken from the run.
constexpr std::size_t many = 200;
constexpr double slow_seconds = 0.5;

Frame shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace

Feed::Feed(std::unique_ptr<Frames> frames, Clock clock)
    : frames_{std::move(frames)}, clock_{std::move(clock)}, pace_{frames_->every_seconds()},
      slow_pace_{std::max(frames_->every_seconds(), slow_seconds)}, opening_{shared(frames_->opening())} {}

void Feed::follow(const std::shared_ptr<progress::Channel>& channel) {
    life_ = channel->life();
    // Weak: the last stream may go while the channel calls.
    auto subscription = channel->subscribe([weak = weak_from_this()] {
        if (const auto feed = weak.lock()) feed->ring();
    });
    const std::scoped_lock lock{mutex_};
    subscription_ = std::move(subscription);
}

void Feed::ring() {
    has_news_ = true;
    progress::Doorbells bells;
    {
        const std::scoped_lock lock{mutex_};
        look();
        // A stream may have looked first: what counts is what they have been woken for.
        if (std::exchange(rung_for_, extent()) == extent()) return;
        bells = bells_;
    }
    progress::ring_all(std::move(bells));
}

void Feed::look() {
    if (!subscription_ || !has_news_.exchange(false)) return;
    const progress::News news = subscription_->take();
    for (const progress::Line& line : news.lines) {
        last_line_ = line.number;
        lines_.push_back({line.number, shared(frames_->line(line, id(line.number)))});
        if (lines_.size() > progress::Channel::most_lines) lines_.pop_front();
    }
    add_state(news);
    // The state stands behind the lines: its id must not fall behind theirs.
    if (state_version_ > 0) latest_ = shared(frames_->state_frame(state_, id(last_line_)));
    if (news.is_over && !end_ && news.now) end_ = shared(frames_->end(*news.now, news.summary.get(), id(last_line_)));
}

void Feed::add_state(const progress::News& news) {
    if (!news.now) return;
    if (news.is_over ? !frames_->shows_last_state() : !is_shown(*news.now)) return;
    state_ = frames_->state(*news.now, news.told_at);
    shown_as_ = news.now->state;
    ++state_version_;
}

bool Feed::is_shown(const progress::Snapshot& now) {
    // Of a run of our own another state follows before long, whatever is passed over now; of others only when something changes.
    const bool is_ours = std::ranges::any_of(now.workers, &progress::WorkerView::is_self);
    progress::Pace& pace = is_ours && bells_.size() >= many ? slow_pace_ : pace_;
    const bool is_due = pace.shows(now, clock_());
    // Of a run that was paused or interrupted nothing else may follow for long.
    return is_due || now.state != shown_as_;
}

Feed::Position Feed::position(const std::string& last_event_id) {
    const std::scoped_lock lock{mutex_};
    look();
    Position position{.line = last_line_};
    const std::string_view id{last_event_id};
    if (!id.starts_with(life_ + "-")) return position;
    const std::string_view number = id.substr(life_.size() + 1);
    std::uint64_t line = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), line);
    if (error == std::errc{} && end == number.data() + number.size() && line < last_line_) position.line = line;
    return position;
}

Frame Feed::next(Position& position) {
    const std::scoped_lock lock{mutex_};
    look();
    if (!std::exchange(position.has_opened, true) && !opening_->empty()) return opening_;
    if (position.line < last_line_) {
        const std::uint64_t first = lines_.front().number;
        if (position.line + 1 < first) {
            const std::uint64_t missed = first - 1 - position.line;
            position.line = first - 1;
            return shared(frames_->missed(missed, id(position.line)));
        }
        return lines_[++position.line - first].frame;
    }
    if (position.state < state_version_ && (!end_ || frames_->shows_last_state())) {
        position.state = state_version_;
        return latest_;
    }
    if (end_ && !std::exchange(position.has_ended, true)) return end_;
    return nullptr;
}

void Feed::add(const std::shared_ptr<progress::Doorbell>& bell) {
    const std::scoped_lock lock{mutex_};
    bells_.push_back(bell);
}

void Feed::remove(const std::shared_ptr<progress::Doorbell>& bell) {
    const std::scoped_lock lock{mutex_};
    std::erase(bells_, bell);
}

}  // namespace rowmill::web
