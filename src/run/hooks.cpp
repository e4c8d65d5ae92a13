#include "run/hooks.hpp"

#include "action/exec_verdict.hpp"
#include "job/read.hpp"
#include "process/launcher.hpp"
#include "process/tail.hpp"
#include "store/store.hpp"

#include <rowmill/error.hpp>

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace rowmill::run {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::size_t kept_of_output = 4 << 10;
/// The kernel takes no more than 128 KB a variable.
constexpr std::size_t longest_reason = 4 << 10;
/// Between TERM and KILL, once its time is up.
constexpr milliseconds grace{1000};

const std::vector<std::string>& events() {
    static const std::vector<std::string> names{"run-started", "paused", "resumed", "throttled", "failed", "finished"};
    return names;
}

bool is_end(const std::string& event) { return event == "failed" || event == "finished"; }

struct Event {
    std::string name, reason;
    progress::Snapshot now;
    std::optional<int> exit_code{};
};

/// What the state is by what is told: the snapshot may be a second old.
std::string state_of(const Event& event) {
    if (event.name == "run-started" || event.name == "resumed") return "running";
    return event.name == "paused" ? "paused" : event.now.state;
}

std::vector<std::string> environment_of(const Event& event) {
    const progress::Snapshot& now = event.now;
    const store::WorkerIdentity self = store::this_process();
    std::string reason = event.reason.substr(0, longest_reason);
    std::erase(reason, '\0');
    std::vector<std::string> environment{"ROWMILL_EVENT=" + event.name,
                                         "ROWMILL_RUN=" + std::to_string(now.run),
                                         "ROWMILL_JOB=" + now.job,
                                         "ROWMILL_STATE=" + state_of(event),
                                         "ROWMILL_REASON=" + reason,
                                         "ROWMILL_SETTLED=" + std::to_string(now.settled),
                                         "ROWMILL_SUCCEEDED=" + std::to_string(now.succeeded),
                                         "ROWMILL_SKIPPED=" + std::to_string(now.skipped),
                                         "ROWMILL_FAILED=" + std::to_string(now.failed),
                                         "ROWMILL_DEAD_LETTERS=" + std::to_string(now.dead_letters),
                                         "ROWMILL_HOST=" + self.host,
                                         "ROWMILL_PID=" + std::to_string(self.pid),
                                         "ROWMILL_SERVER=" + now.server};
    if (event.exit_code) environment.push_back("ROWMILL_EXIT_CODE=" + std::to_string(*event.exit_code));
    return environment;
}

/// As one line.
std::string said(const process::Tail& output) {
    std::string text{output.text()};
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    text.erase(0, text.find_first_not_of(" \t\r\n"));
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.replace(at, 1, "; ");
    return text;
}

std::string with_words(const std::string& sentence, const std::string& words) {
    return words.empty() ? sentence : sentence + ": " + words;
}

}  // namespace

/// The folder's programs, run one at a time.
class Hooks::Programs {
public:
    struct Result {
        process::Ending ending;
        bool in_time = true;
        std::string said;
    };

    Programs(const job::HooksSpec& spec, const fs::path& folder, const std::function<void(const std::string&)>& note)
        : timeout_{spec.timeout} {
        std::error_code failed;
        if (!fs::is_directory(folder, failed))
            throw Error{ErrorKind::usage, "hooks.directory: " + folder.string() + " is not a folder"};
        for (const fs::directory_entry& entry : fs::directory_iterator{folder, failed}) take(entry.path(), note);
        if (failed) throw Error{ErrorKind::usage, "hooks.directory: " + folder.string() + ": " + failed.message()};
    }

    bool has(const std::string& event) const { return paths_.contains(event); }

    /// Waits until it has ended: no longer than its time, and than `leaving` allows. None: `leaving` was asked for before.
    std::optional<Result> run(const Event& event, const std::stop_token& leaving) {
        const std::lock_guard one_at_a_time{mutex_};
        if (leaving.stop_requested()) return {};
        const auto call = std::make_shared<Call>();
        process::Listener listener;
        listener.output = listener.errors = [call](std::string_view bytes) { call->output.append(bytes); };
        listener.ended = [call](const process::Ending& ending) {
            const std::lock_guard lock{call->mutex};
            call->ending = ending;
            call->ended.notify_all();
        };
        process::Command command{.arguments = {paths_.at(event.name)}, .environment = environment_of(event)};
        const process::ChildId child = launcher_.start(std::move(command), std::move(listener));
        std::unique_lock lock{call->mutex};
        const auto has_ended = [&] { return call->ending.has_value(); };
        Result result;
        result.in_time = call->ended.wait_for(lock, leaving, timeout_, has_ended);
        if (!result.in_time) launcher_.stop(child, grace);
        call->ended.wait(lock, has_ended);
        result.ending = *call->ending;
        result.said = said(call->output);
        return result;
    }

    milliseconds timeout() const { return timeout_; }

private:
    struct Call {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::optional<process::Ending> ending;
        process::Tail output{kept_of_output};  ///< of the launcher's thread, until it has ended
    };

    void take(const fs::path& path, const std::function<void(const std::string&)>& note) {
        const std::string name = path.filename().string();
        const bool is_program = fs::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
        if (std::ranges::find(events(), name) == events().end()) {
            if (const auto meant = job::nearest(name, events()); meant && is_program)
                note("hooks.directory: " + path.string() + " is named after no event; did you mean " + *meant + "?");
            return;
        }
        if (!is_program) throw Error{ErrorKind::usage, "hooks.directory: " + path.string() + " can't be executed; chmod +x it"};
        paths_[name] = fs::absolute(path).string();
    }

    const milliseconds timeout_;
    std::map<std::string, std::string> paths_;
    std::mutex mutex_;
    process::Launcher launcher_;
};

/// What is to be told, and the thread that tells it.
class Hooks::Queue {
public:
    Queue(Programs& programs, std::function<void(const std::string&)> note, std::stop_token leaving)
        : programs_{programs}, note_{std::move(note)}, leaving_{std::move(leaving)}, thread_{[this] { loop(); }} {}

    ~Queue() {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
        // Who waits for the end wants to know how it ended, not what happened on the way.
        std::erase_if(waiting_, [](const Event& event) { return !is_end(event.name); });
        changed_.notify_all();
    }

    void add(Event event) {
        if (!programs_.has(event.name)) return;
        const std::lock_guard lock{mutex_};
        std::erase_if(waiting_, [&](const Event& other) { return other.name == event.name; });
        waiting_.push_back(std::move(event));
        changed_.notify_all();
    }

    /// Runs it, and notes what went wrong.
    std::optional<Programs::Result> run(const Event& event, const std::stop_token& leaving) {
        auto result = programs_.run(event, leaving);
        if (!result || leaving.stop_requested()) return result;
        using Kind = process::Ending::Kind;
        const std::string hook = "the hook " + event.name;
        const process::Ending& ending = result->ending;
        if (!result->in_time)
            note_(with_words(hook + " was ended after " + job::display(programs_.timeout()) + " (hooks.timeout)", result->said));
        else if (ending.kind == Kind::exited && ending.number != 0 && event.name != "run-started")
            note_(with_words(hook + " has failed with exit code " + std::to_string(ending.number), result->said));
        else if (ending.kind == Kind::killed)
            note_(with_words(hook + " was killed by SIG" + action::signal_name(ending.number), result->said));
        else if (ending.kind == Kind::not_started)
            note_(hook + ": " + action::why_not_started(ending));
        else if (ending.kind == Kind::lost)
            note_(hook + ": " + ending.what);
        return result;
    }

private:
    void loop() {
        std::unique_lock lock{mutex_};
        for (;;) {
            changed_.wait(lock, [&] { return is_closed_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            const Event event = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            run(event, leaving_);
            lock.lock();
        }
    }

    Programs& programs_;
    const std::function<void(const std::string&)> note_;
    const std::stop_token leaving_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Event> waiting_;  ///< one of a kind
    bool is_closed_ = false;
    std::jthread thread_;
};

Hooks::Hooks(const job::HooksSpec& spec, const std::string& job_file, std::function<void(const std::string&)> note,
             std::stop_token leaving) {
    if (spec.directory.empty()) return;
    const fs::path folder = fs::path{job_file}.parent_path() / spec.directory;
    programs_ = std::make_unique<Programs>(spec, folder, note);
    queue_ = std::make_unique<Queue>(*programs_, std::move(note), std::move(leaving));
}

Hooks::~Hooks() { close(); }

void Hooks::close() {
    queue_.reset();
    programs_.reset();
}

std::optional<std::string> Hooks::started(const progress::Snapshot& now, const std::stop_token& draining) {
    if (!programs_ || !programs_->has("run-started")) return {};
    const auto result = queue_->run({"run-started", "", now}, draining);
    if (!result || !result->in_time || result->ending.kind != process::Ending::Kind::exited || result->ending.number == 0) return {};
    return with_words("the hook run-started forbids it (exit code " + std::to_string(result->ending.number) + ")", result->said);
}

void Hooks::tell(const std::string& event, const std::string& reason, const progress::Snapshot& now,
                 std::optional<int> exit_code) {
    if (queue_) queue_->add({event, reason, now, exit_code});
}

}  // namespace rowmill::run
