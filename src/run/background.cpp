#include "run/background.hpp"

#include "db/session.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <future>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace rowmill::run {
namespace {

constexpr std::chrono::seconds patience{10};

bool has_ended(const std::string& state) { return state == "succeeded" || state == "failed" || state == "cancelled"; }

/// Passes on to a run's channel what the run tells. Until it is known which run that is, lines are kept.
class Relay : public progress::Listener {
public:
    void attach(std::shared_ptr<progress::Channel> channel) {
        const std::lock_guard lock{mutex_};
        channel_ = std::move(channel);
        for (const auto& [is_warning, line] : early_) is_warning ? channel_->warning(line) : channel_->note(line);
    }
    std::shared_ptr<progress::Channel> channel() const {
        const std::lock_guard lock{mutex_};
        return channel_;
    }
    /// What was noted before it was attached.
    std::string said() const {
        const std::lock_guard lock{mutex_};
        std::string text;
        for (const auto& [is_warning, line] : early_) text += (text.empty() ? "" : "; ") + line;
        return text;
    }

    void progress(const progress::Snapshot& now) override {
        if (const auto to = channel()) to->progress(now);
    }
    void note(const std::string& line) override { tell(false, line); }
    void warning(const std::string& line) override { tell(true, line); }
    void finished(const progress::Summary& summary) override {
        const auto to = channel();
        if (!to) return;
        if (has_ended(summary.last.state)) return to->finished(summary);
        // Somebody may take it up: it is followed from now on.
        to->note(summary.why_stopped);
        to->progress(summary.last);
    }

private:
    void tell(bool is_warning, const std::string& line) {
        const std::lock_guard lock{mutex_};
        if (!channel_)
            early_.emplace_back(is_warning, line);
        else if (is_warning)
            channel_->warning(line);
        else
            channel_->note(line);
    }

    mutable std::mutex mutex_;
    std::shared_ptr<progress::Channel> channel_;
    std::vector<std::pair<bool, std::string>> early_;
};

}  // namespace

/// One run, or what asks to become one.
struct BackgroundRuns::Work {
    Request request;
    progress::Hub hub;
    engine::Stopping stopping;
    std::shared_ptr<Relay> relay = std::make_shared<Relay>();
    std::promise<Begun> begun{};
    Ended ended{};
    std::optional<store::RunId> run{};
    bool has_told_end = false;
    bool is_over = false;        ///< for all but the thread
    bool is_left_behind = false;
    bool has_returned = false;   ///< the thread is about to end
    std::thread thread{};
};

struct BackgroundRuns::Inside {
    explicit Inside(progress::Channels& all_channels) : channels{all_channels} {}

    progress::Channels& channels;  ///< not to be used any more once all are over
    std::mutex mutex{};
    std::condition_variable changed{};
    std::list<std::shared_ptr<Work>> works{};
    bool is_stopping = false;

    void begun(Work& work, store::RunId run) {
        const std::lock_guard lock{mutex};
        work.run = run;
        const auto channel = channels.of(run);
        work.relay->attach(channel);
        work.begun.set_value({run, work.relay->said(), channel});
    }

    /// Whoever comes first: the thread that returns, or what leaves it behind.
    void end(Work& work, int exit_code, const std::string& error) {
        std::unique_lock lock{mutex};
        if (std::exchange(work.has_told_end, true)) return;
        lock.unlock();
        if (work.run && work.ended) work.ended(exit_code, error);
        lock.lock();
        work.is_over = true;
        const auto channel = work.relay->channel();
        if (channel && channel->is_over()) channels.remove(channel);
        changed.notify_all();
    }

    void leave_behind(Work& work, int exit_code) {
        {
            const std::lock_guard lock{mutex};
            work.is_left_behind = true;
        }
        const auto channel = work.relay->channel();
        if (exit_code == ExitCode::cancelled && channel && !channel->is_over()) {
            progress::Snapshot last;
            if (const auto now = channel->now()) last = *now;
            last.run = channel->run();
            last.state = "cancelled";
            channel->end(last);
        }
        end(work, exit_code, {});
    }

    /// For one that has no thread of its own.
    void take_off(const std::shared_ptr<Work>& work) {
        const std::lock_guard lock{mutex};
        work->is_over = true;
        works.remove(work);
        changed.notify_all();
    }

    /// The thread touches nothing of this any more.
    void returned(Work& work) {
        const std::lock_guard lock{mutex};
        work.has_returned = true;
        changed.notify_all();
    }

    void could_not_go_on(Work& work, const std::exception_ptr& error, const std::string& why, int exit_code) {
        if (work.run)
            work.relay->warning("run " + std::to_string(*work.run) + " could not go on: " + why);
        else
            work.begun.set_exception(error);
        end(work, exit_code, why);
    }

    bool is_working_on(store::RunId run) const {
        for (const auto& work : works)
            if (work->run == run && !work->is_over) return true;
        return false;
    }

    bool nothing_to_wait_for() const {
        return std::ranges::all_of(works, [](const auto& work) { return work->is_over && (work->has_returned || work->is_left_behind); });
    }

    std::size_t count() const {
        std::size_t working = 0;
        for (const auto& work : works) working += work->is_over ? 0 : 1;
        return working;
    }

    /// Takes off the list those whose threads are about to end, for the caller to join.
    std::list<std::shared_ptr<Work>> take_returned() {
        std::list<std::shared_ptr<Work>> returned;
        for (auto at = works.begin(); at != works.end();) {
            const auto work = at++;
            if ((*work)->has_returned) returned.splice(returned.end(), works, work);
        }
        return returned;
    }
};

BackgroundRuns::BackgroundRuns(progress::Channels& channels) : inside_{std::make_shared<Inside>(channels)} {}

BackgroundRuns::~BackgroundRuns() {
    std::unique_lock lock{inside_->mutex};
    const bool is_stopping = inside_->is_stopping;
    lock.unlock();
    if (!is_stopping) stop("stopped with the process that works on it");
    wait();
    lock.lock();
    const auto returned = inside_->take_returned();
    for (const auto& work : inside_->works) work->thread.detach();
    inside_->works.clear();
    lock.unlock();
    for (const auto& work : returned) work->thread.join();
}

void BackgroundRuns::work_on(const std::shared_ptr<Inside>& inside, const std::shared_ptr<Work>& work) {
    const db::ThreadScope scope;
    try {
        const int exit_code = execute(work->request, work->hub, work->stopping);
        if (!work->run) work->begun.set_value({{}, work->relay->said()});
        inside->end(*work, exit_code, {});
    } catch (const Error& error) {
        inside->could_not_go_on(*work, std::current_exception(), error.what(), exit_code_of(error, true));
    } catch (const std::exception& error) {
        inside->could_not_go_on(*work, std::current_exception(), error.what(), ExitCode::failed);
    }
    inside->returned(*work);
}

BackgroundRuns::Begun BackgroundRuns::start(Request request, Ended ended, const StillWaiting& still_waiting) {
    const auto work = std::make_shared<Work>();
    work->ended = std::move(ended);
    work->request = std::move(request);
    work->request.begun = [inside = inside_, asked = work.get()](store::RunId run) { inside->begun(*asked, run); };
    work->request.leave_behind = [inside = inside_, asked = work.get()](int exit_code) { inside->leave_behind(*asked, exit_code); };
    work->hub.add(work->relay);
    std::future<Begun> begun = work->begun.get_future();
    std::list<std::shared_ptr<Work>> returned;
    {
        const std::lock_guard lock{inside_->mutex};
        if (inside_->is_stopping) throw Error{ErrorKind::stopped, "this process is about to end, and begins no run any more"};
        returned = inside_->take_returned();
        work->thread = std::thread{[inside = inside_, work] { work_on(inside, work); }};
        inside_->works.push_back(work);
    }
    for (const auto& one : returned) one->thread.join();
    while (still_waiting && begun.wait_for(patience) != std::future_status::ready) still_waiting();
    return begun.get();
}

int BackgroundRuns::work_here(Request request, progress::Hub& hub, engine::Stopping& stopping) {
    const auto work = std::make_shared<Work>();
    request.begun = [inside = inside_, asked = work.get(), also = std::move(request.begun)](store::RunId run) {
        inside->begun(*asked, run);
        if (also) also(run);
    };
    hub.add(work->relay);
    {
        const std::lock_guard lock{inside_->mutex};
        inside_->works.push_back(work);
    }
    try {
        const int exit_code = execute(request, hub, stopping);
        inside_->end(*work, exit_code, {});
        inside_->take_off(work);
        return exit_code;
    } catch (...) {
        inside_->take_off(work);
        throw;
    }
}

bool BackgroundRuns::works_on(store::RunId run) const {
    const std::lock_guard lock{inside_->mutex};
    return inside_->is_working_on(run);
}

std::shared_ptr<progress::Channel> BackgroundRuns::channel_of(store::RunId run) const {
    const std::lock_guard lock{inside_->mutex};
    std::shared_ptr<progress::Channel> channel;
    for (const auto& work : inside_->works)
        if (work->run == run && !work->is_over) channel = work->relay->channel();
    return channel;
}

void BackgroundRuns::unless_working(store::RunId run, const std::function<void()>& act) const {
    const std::lock_guard lock{inside_->mutex};
    if (!inside_->is_working_on(run)) act();
}

void BackgroundRuns::stop(const std::string& why) {
    std::list<std::shared_ptr<Work>> works;
    bool is_first = false;
    {
        const std::lock_guard lock{inside_->mutex};
        is_first = !std::exchange(inside_->is_stopping, true);
        works = inside_->works;
    }
    // To drop takes a connection to the server: not under the lock.
    for (const auto& work : works) is_first ? work->stopping.drain(why) : work->stopping.drop(why);
}

void BackgroundRuns::wait() const {
    std::unique_lock lock{inside_->mutex};
    inside_->changed.wait(lock, [&] { return inside_->nothing_to_wait_for(); });
}

std::size_t BackgroundRuns::count() const {
    const std::lock_guard lock{inside_->mutex};
    return inside_->count();
}

bool BackgroundRuns::has_left_behind() const {
    const std::lock_guard lock{inside_->mutex};
    for (const auto& work : inside_->works)
        if (work->is_left_behind && !work->has_returned) return true;
    return false;
}

}  // namespace rowmill::run
