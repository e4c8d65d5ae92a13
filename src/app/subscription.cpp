#include "app/subscription.hpp"

#include "progress/figures.hpp"

#include <utility>

namespace rowmill {

Progress app::progress_of(const progress::Snapshot& now) {
    Progress progress;
    progress.run = now.run;
    progress.job = now.job;
    progress.state = now.state;
    progress.total = now.total;
    progress.percent = progress::shown_percent(now);
    progress.settled = now.settled;
    progress.succeeded = now.succeeded;
    progress.skipped = now.skipped;
    progress.failed = now.failed;
    progress.dead_letters = now.dead_letters;
    progress.waiting_retry = now.waiting_retry;
    progress.retried = now.retried;
    progress.in_flight = now.in_flight;
    progress.rate = now.rate;
    progress.eta_seconds = progress::shown_eta(now);
    progress.waiting_for = now.waiting_for;
    progress.last_error = now.last_error;
    return progress;
}

Subscription::Inside::Inside(const std::shared_ptr<progress::Channel>& channel, std::function<void(const Progress&)> each)
    : each_{std::move(each)} {
    subscription_ = channel->subscribe([this] {
        {
            const std::scoped_lock lock{mutex_};
            has_news_ = true;
        }
        woken_.notify_one();
    });
    thread_ = std::jthread{[this](const std::stop_token& stop) { tell(stop); }};
}

Subscription::Inside::~Inside() {
    thread_.request_stop();
    thread_.join();
}

void Subscription::Inside::tell(const std::stop_token& stop) {
    for (bool is_over = false; !is_over;) {
        {
            std::unique_lock lock{mutex_};
            if (!woken_.wait(lock, stop, [this] { return has_news_; })) return;
            has_news_ = false;
        }
        const progress::News news = subscription_->take();
        if (stop.stop_requested()) return;
        if (news.now) each_(app::progress_of(*news.now));
        is_over = news.is_over;
    }
}

Subscription::Subscription() = default;
Subscription::Subscription(std::unique_ptr<Inside> inside) : inside_{std::move(inside)} {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

}  // namespace rowmill
