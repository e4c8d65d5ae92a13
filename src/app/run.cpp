#include <rowmill/run.hpp>

#include "app/job_command.hpp"
#include "app/jobs.hpp"
#include "app/subscription.hpp"
#include "progress/channels.hpp"
#include "run/background.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace rowmill {

struct Run::Inside {
    std::uint64_t id = 0;
    std::string job;
    progress::Channels channels;
    std::shared_ptr<progress::Channel> channel;
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<int> exit_code;
    std::string error;
    run::BackgroundRuns runs{channels};  // the last: what runs in it uses the others

    void begin(run::Request request);
    void end(int code, const std::string& why);
    progress::Snapshot last() const;
};

void Run::Inside::begin(run::Request request) {
    job = request.job.name;
    const auto begun = runs.start(std::move(request), [this](int code, const std::string& why) { end(code, why); });
    {
        const std::scoped_lock lock{mutex};
        id = begun.run.value_or(0);
        channel = begun.channel ? begun.channel : std::make_shared<progress::Channel>(0);
        if (!begun.run) exit_code = run::ExitCode::succeeded;
        if (!exit_code) return;
    }
    // It was over before it was known here.
    channel->end(last());
}

void Run::Inside::end(int code, const std::string& why) {
    std::shared_ptr<progress::Channel> told;
    {
        const std::scoped_lock lock{mutex};
        exit_code = code;
        error = why;
        told = channel;
    }
    // A run that is left to be resumed goes on for others, but not for who watches it here.
    if (told) told->end(last());
    ended.notify_all();
}

/// The state that is told at the end.
progress::Snapshot Run::Inside::last() const {
    const auto known = channel->now();
    progress::Snapshot last = known ? *known : progress::Snapshot{};
    last.run = id;
    last.job = job;
    if (last.state.empty()) last.state = id == 0 ? "succeeded" : "interrupted";
    if (!error.empty()) last.last_error = error;
    if (!error.empty() && last.state == "running") last.state = "interrupted";
    return last;
}

Run::Run(std::shared_ptr<Inside> inside) : inside_{std::move(inside)} {}

std::uint64_t Run::id() const { return inside_->id; }

Progress Run::progress() const {
    if (const auto now = inside_->channel->now()) return app::progress_of(*now);
    Progress begun;
    begun.run = inside_->id;
    begun.job = inside_->job;
    begun.state = "running";
    return begun;
}

Subscription Run::subscribe(std::function<void(const Progress&)> each) const {
    return Subscription{std::make_unique<Subscription::Inside>(inside_->channel, std::move(each))};
}

void Run::stop() { inside_->runs.stop("stopped by its program"); }

int Run::wait() const {
    std::unique_lock lock{inside_->mutex};
    inside_->ended.wait(lock, [this] { return inside_->exit_code.has_value(); });
    return *inside_->exit_code;
}

Run App::start(const std::string& job, const std::map<std::string, std::string>& params, const RunOptions& options) {
    const auto found = std::ranges::find(jobs_->declarations, job, &app::Declaration::name);
    if (found == jobs_->declarations.end()) throw Error{ErrorKind::usage, jobs_->name + " has no job " + job};
    app::JobCommand command{**found};
    for (const auto& [name, text] : params) {
        if (std::ranges::find(command.params(), name, &job::ParamSpec::name) == command.params().end())
            throw Error{ErrorKind::usage, (*found)->place + " has no parameter " + name};
        command.give(name, text);
    }
    if (!options.dsn.empty()) command.connection.login.dsn = options.dsn;
    command.connection.store_schema = options.store_schema;
    command.run_section.given = options.settings;
    run::Request request = command.request();
    request.accept_changes = options.accept_changes;
    request.allow_full_scan = options.allow_full_scan;
    // Holds what it calls: the run may outlive its app.
    if ((*found)->has_handler())
        request.handler = [jobs = jobs_, make = app::make_handler(**found)](const run::HandlerCall& call) { return make(call); };
    const auto inside = std::make_shared<Run::Inside>();
    inside->begin(std::move(request));
    return Run{inside};
}

}  // namespace rowmill
