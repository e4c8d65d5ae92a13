#include "progress/channels.hpp"

#include "samples.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <semaphore>
#include <thread>

using namespace rowmill::progress;
using rowmill::test::running;

namespace {

Snapshot settled(std::uint64_t rows) {
    Snapshot now = running();
    now.settled = rows;
    return now;
}

Summary ended(std::uint64_t rows) {
    Summary summary;
    summary.last = settled(rows);
    summary.last.state = "succeeded";
    summary.why_stopped = "all sacks are done";
    return summary;
}

/// A subscriber that checks what every one may rely on: states and lines that go forward, and lines that are there or counted.
class Watcher {
public:
    explicit Watcher(Channel& channel) : subscription_{channel.subscribe([this] { ++wakes; })} {}

    void look() {
        wakes = 0;
        const News news = subscription_->take();
        if (news.now) {
            if (settled && news.now->settled <= *settled) went_back = true;
            settled = news.now->settled;
        }
        missed += news.lines_missed;
        for (const Line& line : news.lines) {
            if (line.number != last_line + (&line == &news.lines.front() ? news.lines_missed : 0) + 1) has_gap = true;
            last_line = line.number;
            ++lines;
        }
        is_over = news.is_over;
        if (news.summary) ++ends;
    }
    void leave() { subscription_.reset(); }

    std::atomic<int> wakes = 0;
    std::optional<std::uint64_t> settled;
    std::uint64_t lines = 0, missed = 0, last_line = 0;
    int ends = 0;
    bool went_back = false, has_gap = false, is_over = false;

private:
    std::shared_ptr<Subscription> subscription_;
};

}  // namespace

TEST_CASE("a late subscriber is woken at once, and gets the present state and the last lines") {
    const auto channel = std::make_shared<Channel>(7);
    channel->progress(settled(10));
    channel->note("reconnected");
    channel->progress(settled(20));
    Watcher late{*channel};
    CHECK(late.wakes == 1);
    late.look();
    CHECK(late.settled == 20);
    CHECK(late.lines == 1);
}

TEST_CASE("a subscriber of a run of which nothing is known yet is not woken, and finds nothing") {
    const auto channel = std::make_shared<Channel>(7);
    Watcher early{*channel};
    CHECK(early.wakes == 0);
    early.look();
    CHECK_FALSE(early.settled);
}

TEST_CASE("a subscriber is woken once, however much is told, until it has looked") {
    const auto channel = std::make_shared<Channel>(7);
    Watcher watcher{*channel};
    for (std::uint64_t i = 1; i <= 100; ++i) channel->progress(settled(i));
    CHECK(watcher.wakes == 1);
    watcher.look();
    CHECK(watcher.settled == 100);
    channel->note("reconnected");
    CHECK(watcher.wakes == 1);
}

TEST_CASE("what has been seen is not told again") {
    const auto channel = std::make_shared<Channel>(7);
    channel->progress(settled(1));
    const auto subscription = channel->subscribe([] {});
    CHECK(subscription->take().now);
    const News again = subscription->take();
    CHECK_FALSE(again.now);
    CHECK(again.lines.empty());
    CHECK(again.lines_missed == 0);
}

TEST_CASE("a slow subscriber gets the last 200 lines, and is told how many it has missed") {
    const auto channel = std::make_shared<Channel>(7);
    const auto subscription = channel->subscribe([] {});
    for (int i = 1; i <= 1000; ++i) channel->note("line " + std::to_string(i));
    const News news = subscription->take();
    CHECK(news.lines_missed == 800);
    REQUIRE(news.lines.size() == 200);
    CHECK(news.lines.front().text == "line 801");
    CHECK(news.lines.back().number == 1000);
}

TEST_CASE("a warning is a line that says that it is one") {
    const auto channel = std::make_shared<Channel>(7);
    channel->note("begun");
    channel->warning("lost the server");
    const News news = channel->subscribe([] {})->take();
    REQUIRE(news.lines.size() == 2);
    CHECK_FALSE(news.lines[0].is_warning);
    CHECK(news.lines[1].is_warning);
    CHECK(news.lines[1].at.size() == std::string{"2026-01-02T03:04:05Z"}.size());
}

TEST_CASE("the end brings the last state and the summary, once, and is the end") {
    const auto channel = std::make_shared<Channel>(7);
    const auto subscription = channel->subscribe([] {});
    channel->finished(ended(500));
    channel->progress(settled(501));
    channel->note("too late");
    const News news = subscription->take();
    CHECK(news.is_over);
    CHECK(news.now->state == "succeeded");
    CHECK(news.now->settled == 500);
    CHECK(news.lines.empty());
    REQUIRE(news.summary);
    CHECK(news.summary->why_stopped == "all sacks are done");
    const News after = subscription->take();
    CHECK(after.is_over);
    CHECK_FALSE(after.summary);
}

TEST_CASE("who comes after the end gets the end") {
    const auto channel = std::make_shared<Channel>(7);
    channel->end(settled(500));
    Watcher late{*channel};
    CHECK(late.wakes == 1);
    late.look();
    CHECK(late.is_over);
    CHECK(late.settled == 500);
}

TEST_CASE("one subscriber that never looks keeps nothing from another") {
    const auto channel = std::make_shared<Channel>(7);
    Watcher sleeper{*channel}, watcher{*channel};
    for (std::uint64_t i = 1; i <= 10; ++i) {
        channel->progress(settled(i));
        CHECK(watcher.wakes == 1);
        watcher.look();
        CHECK(watcher.settled == i);
    }
    CHECK(sleeper.wakes == 1);
}

TEST_CASE("a subscriber that has left is not called, and is not counted") {
    const auto channel = std::make_shared<Channel>(7);
    Watcher leaver{*channel}, stayer{*channel};
    CHECK(channel->subscribers() == 2);
    leaver.leave();
    channel->progress(settled(1));
    CHECK(leaver.wakes == 0);
    CHECK(stayer.wakes == 1);
    CHECK(channel->subscribers() == 1);
}

TEST_CASE("who leaves while the others are being called is not called any more") {
    const auto channel = std::make_shared<Channel>(7);
    std::unique_ptr<Watcher> second;
    const auto first = channel->subscribe([&] { second->leave(); });
    second = std::make_unique<Watcher>(*channel);
    channel->progress(settled(1));
    CHECK(second->wakes == 0);
}

TEST_CASE("a wake-up may look, and may end its own subscription") {
    const auto channel = std::make_shared<Channel>(7);
    std::shared_ptr<Subscription> subscription;
    int looks = 0;
    subscription = channel->subscribe([&] {
        ++looks;
        if (subscription->take().is_over) subscription.reset();
    });
    channel->progress(settled(1));
    channel->progress(settled(2));
    channel->end(settled(3));
    CHECK(looks == 3);
    CHECK(channel->subscribers() == 0);
}

TEST_CASE("a run has one channel, until it is removed") {
    Channels channels;
    CHECK(channels.find(7) == nullptr);
    const auto channel = channels.of(7);
    CHECK(channels.of(7) == channel);
    CHECK(channels.find(7) == channel);
    CHECK(channels.all().size() == 1);
    channels.remove(channel);
    CHECK(channels.find(7) == nullptr);
    const auto next = channels.of(7);
    CHECK(next != channel);
    channels.remove(channel);
    CHECK(channels.find(7) == next);
}

TEST_CASE("in whatever order is told and looked, who looks when woken misses no end, and no line uncounted") {
    std::random_device device;
    const unsigned first = device();
    for (unsigned round = 0; round < 3000; ++round) {
        const unsigned seed = first + round;
        CAPTURE(seed);
        std::mt19937 random{seed};
        const auto dice = [&](unsigned sides) { return std::uniform_int_distribution<unsigned>{0, sides - 1}(random); };
        const auto channel = std::make_shared<Channel>(7);
        std::vector<std::unique_ptr<Watcher>> watchers;
        std::uint64_t rows = 0, lines = 0;
        for (unsigned step = 20 + dice(400); step > 0; --step) {
            const unsigned what = dice(10);
            if (what < 3)
                channel->progress(settled(++rows));
            else if (what < 7)
                channel->note("line " + std::to_string(++lines));
            else if (what == 7 && watchers.size() < 4)
                watchers.push_back(std::make_unique<Watcher>(*channel));
            else if (!watchers.empty()) {
                Watcher& watcher = *watchers[dice(static_cast<unsigned>(watchers.size()))];
                if (watcher.wakes > 0) watcher.look();
            }
        }
        channel->finished(ended(++rows));
        for (const auto& watcher : watchers) {
            CHECK(watcher->wakes == 1);
            watcher->look();
            CHECK(watcher->is_over);
            CHECK(watcher->ends == 1);
            CHECK(watcher->settled == rows);
            CHECK(watcher->lines + watcher->missed == lines);
            CHECK_FALSE(watcher->went_back);
            CHECK_FALSE(watcher->has_gap);
        }
    }
}

TEST_CASE("told from one thread and looked at from others, every subscriber gets the end, and none is called once it has left") {
    std::random_device device;
    const unsigned seed = device();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (unsigned round = 0; round < 300; ++round) {
        const auto channel = std::make_shared<Channel>(7);
        std::atomic<int> ends = 0, late_calls = 0, lost = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            const std::uint64_t looks_before_leaving = i == 2 ? random() % 20 : 1'000'000;
            threads.emplace_back([&, looks_before_leaving] {
                std::counting_semaphore<> woken{0};
                std::atomic<bool> has_left = false;
                auto subscription = channel->subscribe([&] {
                    if (has_left) ++late_calls;
                    woken.release();
                });
                for (std::uint64_t looks = 0; looks < looks_before_leaving; ++looks) {
                    if (!woken.try_acquire_for(std::chrono::seconds{20})) {
                        ++lost;
                        break;
                    }
                    if (!subscription->take().is_over) continue;
                    ++ends;
                    break;
                }
                subscription.reset();
                has_left = true;
            });
        }
        const std::uint64_t told = random() % 200;
        for (std::uint64_t i = 0; i < told; ++i) {
            channel->progress(settled(i));
            if (i % 3 == 0) channel->note("line");
        }
        channel->finished(ended(told));
        threads.clear();
        CHECK(ends >= 2);
        CHECK(lost == 0);
        CHECK(late_calls == 0);
        CHECK(channel->subscribers() == 0);
    }
}
