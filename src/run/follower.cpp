#include "run/follower.hpp"

#include "progress/render.hpp"
#include "run/snapshot.hpp"

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace rowmill::run {
namespace {

constexpr std::chrono::milliseconds interval{500};
/// From the moment that a channel is asked for until somebody has subscribed to it.
constexpr std::chrono::seconds patience{10};
constexpr std::size_t most_notes = 200;

/// It has ended, and nobody works on it any more.
bool is_over(const progress::Snapshot& now) {
    return (now.state == "succeeded" || now.state == "failed" || now.state == "cancelled") && now.workers.empty();
}

}  // namespace

Follower::Follower(StoreReader& store, const BackgroundRuns& runs, progress::Channels& channels)
    : store_{store}, runs_{runs}, channels_{channels}, thread_{[this](const std::stop_token& stop) { loop(stop); }} {}

Follower::~Follower() = default;

Follower::Seen Follower::see(store::RunId run, std::optional<std::uint64_t> after_note) {
    return store_.look([&](store::Store& store) {
        Seen seen;
        auto record = store.find_run(run);
        if (!record) return seen;
        seen.is_there = true;
        seen.now = snapshot_of(store, *record);
        seen.is_over = is_over(seen.now);
        // The figures may be from just before its last worker left, and the last that it settled not among them.
        if (seen.is_over && (record = store.find_run(run))) {
            seen.now = snapshot_of(store, *record);
            seen.is_over = is_over(seen.now);
        }
        seen.notes = store.notes(run, after_note.value_or(0), after_note ? most_notes : 1);
        seen.last_note = seen.notes.empty() ? after_note.value_or(0) : seen.notes.back().id;
        if (!after_note) seen.notes.clear();
        return seen;
    });
}

std::shared_ptr<progress::Channel> Follower::follow(store::RunId run) {
    for (;;) {
        if (auto ours = keep_of_ours(run)) return ours;
        const Seen seen = see(run, {});
        if (!seen.is_there) return nullptr;
        if (seen.is_over) {
            auto ended = std::make_shared<progress::Channel>(run);
            ended->end(seen.now);
            return ended;
        }
        if (auto followed = begin_to_follow(run, seen)) return followed;
        // Meanwhile it was begun here.
    }
}

std::shared_ptr<progress::Channel> Follower::keep_of_ours(store::RunId run) {
    const std::lock_guard lock{mutex_};
    auto channel = runs_.channel_of(run);
    if (channel) followed_[run].wanted_at = Clock::now();
    return channel;
}

std::shared_ptr<progress::Channel> Follower::begin_to_follow(store::RunId run, const Seen& seen) {
    std::shared_ptr<progress::Channel> channel;
    {
        const std::lock_guard lock{mutex_};
        // Whoever begins to work on it from now on goes on with this one.
        runs_.unless_working(run, [&] { channel = channels_.of(run); });
        if (!channel) return nullptr;
        Followed& followed = followed_[run];
        if (!followed.last_note) {
            followed.last_note = seen.last_note;
            followed.last_words.look(false, seen.now, {}, Clock::now());
        }
        followed.wanted_at = Clock::now();
    }
    if (!runs_.works_on(run)) channel->progress(seen.now);
    return channel;
}

void Follower::loop(const std::stop_token& stop) {
    std::mutex waiting;
    std::condition_variable_any stopped;
    while (!stop.stop_requested()) {
        if (look_at_all(stop)) found();
        std::unique_lock lock{waiting};
        stopped.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); });
    }
}

bool Follower::look_at_all(const std::stop_token& stop) {
    for (auto& [channel, followed] : watched()) {
        if (stop.stop_requested()) return false;
        try {
            look_at(channel, std::move(followed));
        } catch (const std::exception& error) {
            if (!can_reach_store()) {
                lost(error.what());
                return false;
            }
            tell_problem(*channel, error.what());
        }
    }
    return true;
}

bool Follower::can_reach_store() {
    try {
        return store_.look([](store::Store& store) { return store.exists(); });
    } catch (const Error&) {
        return false;
    }
}

void Follower::tell_problem(progress::Channel& channel, const std::string& why) {
    {
        const std::lock_guard lock{mutex_};
        const auto known = followed_.find(channel.run());
        if (known == followed_.end() || known->second.problem == why) return;
        known->second.problem = why;
    }
    channel.warning(why + "; looking again until it can be seen");
}

std::vector<std::pair<std::shared_ptr<progress::Channel>, Follower::Followed>> Follower::watched() {
    std::vector<std::pair<std::shared_ptr<progress::Channel>, Followed>> wanted;
    const auto now = Clock::now();
    const auto is_forgotten = [&](const Followed& followed) { return now - followed.wanted_at > patience; };
    const std::lock_guard lock{mutex_};
    for (const auto& channel : channels_.all()) {
        const store::RunId run = channel->run();
        const auto known = followed_.find(run);
        if (runs_.works_on(run)) {
            // Its notes are told as they come: those in the store are no news when it is followed again.
            if (known != followed_.end()) known->second = {.wanted_at = known->second.wanted_at};
        } else if (channel->subscribers() > 0) {
            Followed& followed = known != followed_.end() ? known->second : followed_[run];
            followed.wanted_at = now;
            wanted.emplace_back(channel, followed);
        } else if (known == followed_.end() || is_forgotten(known->second)) {
            // Unless it was begun here this moment: then it is told there.
            runs_.unless_working(run, [&] { channels_.remove(channel); });
        }
    }
    std::erase_if(followed_, [&](const auto& entry) { return is_forgotten(entry.second); });
    return wanted;
}

void Follower::look_at(const std::shared_ptr<progress::Channel>& channel, Followed followed) {
    const store::RunId run = channel->run();
    const Seen seen = see(run, followed.last_note);
    if (runs_.works_on(run)) return;
    for (const store::NoteRecord& note : seen.notes) note.is_warning ? channel->warning(note.line) : channel->note(note.line);
    if (!seen.is_there || followed.last_words.look(seen.is_over, seen.now, seen.notes, Clock::now()))
        end(channel, seen);
    else if (!seen.is_over || followed.was_over)
        tell(*channel, seen.now, followed);
    followed.was_over = seen.is_over;
    followed.problem.clear();
    followed.last_note = seen.last_note;
    const std::lock_guard lock{mutex_};
    const auto known = followed_.find(run);
    if (known == followed_.end()) return;
    // It may have been asked for meanwhile.
    followed.wanted_at = std::max(followed.wanted_at, known->second.wanted_at);
    if (channel->is_over())
        followed_.erase(known);
    else
        known->second = std::move(followed);
}

void Follower::tell(progress::Channel& channel, const progress::Snapshot& now, Followed& followed) {
    std::string state = progress::to_json(now);
    if (state == followed.told) return;
    followed.told = std::move(state);
    channel.progress(now);
}

void Follower::end(const std::shared_ptr<progress::Channel>& channel, const Seen& seen) {
    bool is_over = false;
    // Whoever begins to work on it from now on gets another channel.
    runs_.unless_working(channel->run(), [&] {
        is_over = true;
        channels_.remove(channel);
    });
    if (!is_over) return;
    ++ends_;
    channel->end(seen.is_there ? seen.now : channel->now() ? *channel->now() : seen.now);
}

void Follower::lost(const std::string& why) {
    if (std::exchange(is_lost_, true)) return;
    for (const auto& [channel, followed] : watched()) channel->warning(why + "; looking again until it is back");
}

void Follower::found() {
    if (!std::exchange(is_lost_, false)) return;
    for (const auto& [channel, followed] : watched()) channel->note("the run store is back");
}

}  // namespace rowmill::run
