#include "web/streams.hpp"

#include "web/feed.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace rowmill::web {
namespace {

/// One who is sent a feed.
class FeedStream : public Stream {
public:
    FeedStream(std::shared_ptr<Feed> feed, const std::string& last_event_id)
        : feed_{std::move(feed)}, position_{feed_->position(last_event_id)} {}
    ~FeedStream() override {
        if (!bell_) return;
        bell_->take_down();
        feed_->remove(bell_);
    }
    FeedStream(const FeedStream&) = delete;
    FeedStream& operator=(const FeedStream&) = delete;

    Frame next() override {
        if (bell_) bell_->answer();
        return feed_->next(position_);
    }
    bool is_over() const override { return position_.has_ended; }
    void wake_with(std::function<void()> wake) override {
        bell_ = std::make_shared<progress::Doorbell>(std::move(wake));
        feed_->add(bell_);
    }
    std::string heartbeat() const override { return feed_->heartbeat(); }

private:
    std::shared_ptr<Feed> feed_;
    Feed::Position position_;
    std::shared_ptr<progress::Doorbell> bell_;
};

}  // namespace

struct Feeds::Inside {
    /// A feed keeps its channel: an address is of one channel as long as there is a feed of it.
    using Of = std::pair<const progress::Channel*, Kind>;

    Clock clock;
    std::mutex mutex;
    std::map<Of, std::weak_ptr<Feed>> feeds;

    std::shared_ptr<Feed> of(const std::shared_ptr<progress::Channel>& channel, Kind kind) {
        const std::scoped_lock lock{mutex};
        std::erase_if(feeds, [](const auto& entry) { return entry.second.expired(); });
        std::weak_ptr<Feed>& known = feeds[{channel.get(), kind}];
        if (auto feed = known.lock()) return feed;
        const auto feed = std::make_shared<Feed>(kind == Kind::events ? event_frames() : line_frames(), clock);
        feed->follow(channel);
        known = feed;
        return feed;
    }
};

Feeds::Feeds(Clock clock) : inside_{std::make_unique<Inside>()} { inside_->clock = std::move(clock); }

Feeds::~Feeds() = default;

std::unique_ptr<Stream> Feeds::follow(const std::shared_ptr<progress::Channel>& channel, Kind kind,
                                      const std::optional<std::string>& last_event_id) {
    return std::make_unique<FeedStream>(inside_->of(channel, kind), last_event_id.value_or(""));
}

}  // namespace rowmill::web
