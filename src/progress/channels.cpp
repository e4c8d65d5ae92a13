#include "progress/channels.hpp"

#include "item/random_token.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rowmill::progress {
namespace {

std::string time_text() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace

Channel::Channel(std::uint64_t run) : run_{run}, life_{random_token()} {}

Subscription::Subscription(std::shared_ptr<Channel> channel, std::shared_ptr<Doorbell> bell)
    : channel_{std::move(channel)}, bell_{std::move(bell)} {}

Subscription::~Subscription() {
    bell_->take_down();
    const std::scoped_lock lock{channel_->mutex_};
    std::erase(channel_->bells_, bell_);
}

News Subscription::take() {
    bell_->answer();
    const std::scoped_lock lock{channel_->mutex_};
    News news;
    if (channel_->version_ != seen_version_) news.now = channel_->now_;
    news.told_at = channel_->told_at_;
    seen_version_ = channel_->version_;
    // The lines that are kept are the last ones, without a gap.
    const auto unseen = std::min<std::uint64_t>(channel_->last_line_ - seen_line_, channel_->lines_.size());
    news.lines_missed = channel_->last_line_ - seen_line_ - unseen;
    news.lines.assign(channel_->lines_.end() - static_cast<std::ptrdiff_t>(unseen), channel_->lines_.end());
    seen_line_ = channel_->last_line_;
    news.is_over = channel_->is_over_;
    if (news.is_over && !std::exchange(has_seen_end_, true)) news.summary = channel_->summary_;
    return news;
}

std::shared_ptr<Subscription> Channel::subscribe(std::function<void()> wake) {
    const auto bell = std::make_shared<Doorbell>(std::move(wake));
    auto subscription = std::make_shared<Subscription>(shared_from_this(), bell);
    bool has_news = false;
    {
        const std::scoped_lock lock{mutex_};
        bells_.push_back(bell);
        has_news = version_ > 0 || last_line_ > 0 || is_over_;
    }
    if (has_news) bell->ring();
    return subscription;
}

std::size_t Channel::subscribers() const {
    const std::scoped_lock lock{mutex_};
    return bells_.size();
}

std::shared_ptr<const Snapshot> Channel::now() const {
    const std::scoped_lock lock{mutex_};
    return now_;
}

bool Channel::is_over() const {
    const std::scoped_lock lock{mutex_};
    return is_over_;
}

template <typename Change>
void Channel::tell(Change change) {
    Doorbells bells;
    {
        const std::scoped_lock lock{mutex_};
        if (is_over_) return;
        change();
        bells = bells_;
    }
    ring_all(std::move(bells));
}

/// With the lock held.
void Channel::show(std::shared_ptr<const Snapshot> now) {
    now_ = std::move(now);
    told_at_ = std::chrono::system_clock::now();
    ++version_;
}

void Channel::progress(const Snapshot& now) {
    tell([this, copy = std::make_shared<const Snapshot>(now)]() mutable { show(std::move(copy)); });
}

void Channel::note(const std::string& line) { add_line(line, false); }

void Channel::warning(const std::string& line) { add_line(line, true); }

void Channel::add_line(const std::string& text, bool is_warning) {
    tell([&] {
        lines_.push_back({++last_line_, time_text(), is_warning, text});
        if (lines_.size() > most_lines) lines_.pop_front();
    });
}

void Channel::finished(const Summary& summary) { close(summary.last, std::make_shared<const Summary>(summary)); }

void Channel::end(const Snapshot& last) { close(last, nullptr); }

void Channel::close(const Snapshot& last, std::shared_ptr<const Summary> summary) {
    tell([&, copy = std::make_shared<const Snapshot>(last)]() mutable {
        show(std::move(copy));
        summary_ = std::move(summary);
        is_over_ = true;
    });
}

std::shared_ptr<Channel> Channels::of(std::uint64_t run) {
    const std::scoped_lock lock{mutex_};
    std::shared_ptr<Channel>& channel = channels_[run];
    // A run that goes on although it had ended is told of anew, be its last end still being seen to.
    if (!channel || channel->is_over()) channel = std::make_shared<Channel>(run);
    return channel;
}

std::shared_ptr<Channel> Channels::find(std::uint64_t run) const {
    const std::scoped_lock lock{mutex_};
    const auto found = channels_.find(run);
    return found == channels_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Channel>> Channels::all() const {
    const std::scoped_lock lock{mutex_};
    std::vector<std::shared_ptr<Channel>> channels;
    for (const auto& [run, channel] : channels_) channels.push_back(channel);
    return channels;
}

void Channels::remove(const std::shared_ptr<Channel>& channel) {
    const std::scoped_lock lock{mutex_};
    // A later channel of the same run is another one, and stays.
    const auto found = channels_.find(channel->run());
    if (found != channels_.end() && found->second == channel) channels_.erase(found);
}

}  // namespace rowmill::progress
