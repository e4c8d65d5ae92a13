#include "process/launcher.hpp"

#include "process/child_pipes.hpp"
#include "process/link.hpp"

#include <sys/wait.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <csignal>
#include <exception>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

namespace rowmill::process {
namespace {

struct Running {
    std::shared_ptr<ChildPipes> pipes;
    pid_t pid = -1;  ///< and its group; -1 while the supervisor has not told it
};

/// A pipe that is written to while its reader leaves is an error here, not the program's end, whatever the program does
/// with the signal elsewhere.
void block_pipe_signal() {
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

/// Everything but next_ and io is used on the thread alone.
struct Launcher::Core {
    explicit Core(LauncherOptions given) : options{std::move(given)} {
        thread = std::jthread{[this] {
            block_pipe_signal();
            io.run();
        }};
    }

    void start(ChildId id, const Command& command, Listener listener);
    void heard(const Message& message);
    void lost();
    void end(ChildId id, const Ending& ending);
    void close();
    void stop_all();
    void finish_if_empty();
    void after(std::chrono::milliseconds delay, std::function<void()> work);
    void send_stop(ChildId id, std::chrono::milliseconds grace);

    const LauncherOptions options;
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
    std::shared_ptr<Link> link;
    std::map<ChildId, Running> children;
    bool closing = false;
    std::atomic<ChildId> next{1};
    std::jthread thread;
};

void Launcher::Core::start(ChildId id, const Command& command, Listener listener) {
    const auto refuse = [&](Ending ending) {
        if (listener.ended) listener.ended(ending);
    };
    if (closing) return refuse({Ending::Kind::lost, 0, "rowmill is leaving"});
    try {
        if (!link) {
            link = std::make_shared<Link>(io, options.supervisor);
            link->open([this](const Message& message) { heard(message); }, [this] { lost(); });
        }
        const auto pipes = std::make_shared<ChildPipes>(io, command.input, listener);
        std::vector<Descriptor> ends = pipes->take_child_ends();
        Message message{
            Message::Kind::start, id, static_cast<std::int64_t>(ends.size()), command.folder, command.arguments,
            command.environment};
        children[id].pipes = pipes;
        pipes->open();
        link->send(message, std::move(ends));
    } catch (const std::system_error& error) {
        refuse({Ending::Kind::not_started, error.code().value(), error.what()});
    } catch (const std::exception& error) {
        refuse({Ending::Kind::lost, 0, error.what()});
    }
}

void Launcher::Core::heard(const Message& message) {
    const auto number = static_cast<int>(message.number);
    if (message.kind == Message::Kind::started) {
        if (const auto found = children.find(message.id); found != children.end()) found->second.pid = number;
    } else if (message.kind == Message::Kind::not_started) {
        end(message.id, {Ending::Kind::not_started, number, message.text});
    } else if (message.kind == Message::Kind::ended) {
        if (WIFSIGNALED(number)) return end(message.id, {Ending::Kind::killed, WTERMSIG(number)});
        end(message.id, {Ending::Kind::exited, WEXITSTATUS(number)});
    }
}

/// What the supervisor can't kill any more is ours to kill; what left its group as well has outlived us.
void Launcher::Core::lost() {
    link.reset();
    const auto left = std::exchange(children, {});
    for (const auto& [id, child] : left) {
        if (child.pid > 0) ::kill(-child.pid, SIGKILL);
    }
    for (const auto& [id, child] : left)
        child.pipes->end({Ending::Kind::lost, 0, "the supervisor of child processes died"});
    finish_if_empty();
}

void Launcher::Core::end(ChildId id, const Ending& ending) {
    const auto found = children.find(id);
    if (found == children.end()) return;
    const auto pipes = std::move(found->second.pipes);
    children.erase(found);
    pipes->end(ending);
    finish_if_empty();
}

void Launcher::Core::send_stop(ChildId id, std::chrono::milliseconds grace) {
    if (children.contains(id)) link->send({Message::Kind::stop, id, grace.count()});
}

void Launcher::Core::after(std::chrono::milliseconds delay, std::function<void()> work) {
    const auto timer = std::make_shared<boost::asio::steady_timer>(io, delay);
    timer->async_wait([timer, work = std::move(work)](boost::system::error_code) { work(); });
}

void Launcher::Core::close() {
    closing = true;
    for (auto& [id, child] : children) child.pipes->finish_input();
    finish_if_empty();
    if (!children.empty()) after(options.leave, [this] { stop_all(); });
}

void Launcher::Core::stop_all() {
    for (auto& [id, child] : children) send_stop(id, options.grace);
}

void Launcher::Core::finish_if_empty() {
    if (!closing || !children.empty()) return;
    if (link) link->close();
    io.stop();
}

Launcher::Launcher(LauncherOptions options) : core_{std::make_unique<Core>(std::move(options))} {}

Launcher::~Launcher() {
    boost::asio::post(core_->io, [core = core_.get()] { core->close(); });
    core_->thread.join();
}

void Launcher::post(std::function<void()> work) {
    boost::asio::post(core_->io, std::move(work));
}

void Launcher::post_after(std::chrono::milliseconds delay, std::function<void()> work) {
    post([core = core_.get(), delay, work = std::move(work)] { core->after(delay, work); });
}

ChildId Launcher::start(Command command, Listener listener) {
    const ChildId id = core_->next++;
    post([core = core_.get(), id, command = std::move(command), listener = std::move(listener)]() mutable {
        core->start(id, command, std::move(listener));
    });
    return id;
}

void Launcher::stop(ChildId child, std::chrono::milliseconds grace) {
    post([core = core_.get(), child, grace] { core->send_stop(child, grace); });
}

void Launcher::write(ChildId child, std::string bytes) {
    post([core = core_.get(), child, bytes = std::move(bytes)]() mutable {
        if (const auto found = core->children.find(child); found != core->children.end())
            found->second.pipes->write(std::move(bytes));
    });
}

void Launcher::finish_input(ChildId child) {
    post([core = core_.get(), child] {
        if (const auto found = core->children.find(child); found != core->children.end())
            found->second.pipes->finish_input();
    });
}

}  // namespace rowmill::process
