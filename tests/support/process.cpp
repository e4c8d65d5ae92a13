#include "support/process.hpp"

#include "support/eventually.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

extern "C" char** environ;

namespace rowmill::test {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error{error, std::generic_category(), what};
}

struct Pipe {
    Descriptor read, write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "pipe2");
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

/// The descriptor that the child reads as its stdin. What is written fits into the pipe's buffer.
Descriptor make_input(const std::string& text) {
    if (text.empty()) return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (text.size() > 60000) throw std::invalid_argument{"more input than a pipe holds"};
    Pipe pipe = make_pipe();
    if (::write(pipe.write.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail(errno, "write");
    return std::move(pipe.read);
}

std::vector<std::string> make_environment(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        if (!changes.contains(text.substr(0, text.find('=')))) variables.push_back(text);
    }
    for (const auto& [name, value] : changes) {
        if (!value.empty()) variables.push_back(name + "=" + value);
    }
    return variables;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

/// posix_spawn's two parameter objects. The child starts with the default signals: doctest changes some.
struct Spawn {
    Spawn() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t all, none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Spawn() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    Spawn(const Spawn&) = delete;
    Spawn& operator=(const Spawn&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

bool readable(int descriptor, std::chrono::milliseconds limit) {
    pollfd entry{descriptor, POLLIN, 0};
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready >= 0) return ready == 1;
        if (errno != EINTR) fail(errno, "poll");
    }
}

}  // namespace

std::string Finished::how() const {
    return exit_code ? "exit " + std::to_string(*exit_code) : "signal " + std::to_string(signal.value_or(0));
}

Process::Process(const std::vector<std::string>& command, const ProcessOptions& options) {
    const Descriptor input = make_input(options.input);
    Pipe output = make_pipe(), errors = make_pipe();
    stop_ = Descriptor{::eventfd(0, EFD_CLOEXEC)};

    Spawn spawn;
    ::posix_spawn_file_actions_adddup2(&spawn.actions, input.get(), 0);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, output.write.get(), 1);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, errors.write.get(), 2);
    if (!options.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&spawn.actions, options.folder.c_str());

    const std::vector<std::string> variables = make_environment(options.environment);
    const int error = ::posix_spawnp(&pid_, command.at(0).c_str(), &spawn.actions, &spawn.attributes,
                                     pointers(command).data(), pointers(variables).data());
    if (error != 0) fail(error, "can't start " + command[0]);
    alive_ = Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    output_pipe_ = std::move(output.read);
    errors_pipe_ = std::move(errors.read);
    reader_ = std::jthread{[this] { read_streams(); }};
}

Process::~Process() {
    kill();
    reap();
}

void Process::send_signal(int number) {
    if (!status_) ::kill(pid_, number);
}

void suspend(pid_t pid) {
    ::kill(pid, SIGSTOP);
    const auto stands_still = [](const std::filesystem::directory_entry& thread) {
        std::ifstream file{thread.path() / "stat"};
        const std::string stat{std::istreambuf_iterator<char>{file}, {}};
        const std::size_t name = stat.rfind(") ");  // which may hold anything
        // Or has ended.
        return name == std::string::npos || std::string_view{"TZX"}.find(stat[name + 2]) != std::string_view::npos;
    };
    const bool all = eventually([&] {
        std::error_code is_gone;
        return std::ranges::all_of(std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task", is_gone}, stands_still);
    });
    if (!all) throw std::runtime_error{"process " + std::to_string(pid) + " does not stand still"};
}

std::string Process::output() const {
    const std::lock_guard lock{mutex_};
    return output_;
}

std::string Process::errors() const {
    const std::lock_guard lock{mutex_};
    return errors_;
}

bool Process::wait_for_output(std::string_view text, std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    const auto seen = [&] {
        return output_.find(text) != std::string::npos || errors_.find(text) != std::string::npos;
    };
    written_.wait_for(lock, limit, [&] { return seen() || streams_ended_; });
    return seen();
}

Finished Process::wait(std::chrono::milliseconds limit) {
    if (!status_ && !readable(alive_.get(), limit)) {
        kill();
        reap();
        throw std::runtime_error{"the process did not end in time; it wrote:\n" + output() + errors()};
    }
    reap();
    Finished finished;
    if (WIFEXITED(*status_)) finished.exit_code = WEXITSTATUS(*status_);
    if (WIFSIGNALED(*status_)) finished.signal = WTERMSIG(*status_);
    finished.output = output();
    finished.errors = errors();
    return finished;
}

void Process::reap() {
    if (status_) return;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = status;
    ::eventfd_write(stop_.get(), 1);
    reader_.join();
}

/// Runs on the reader's thread until both streams have ended, or the process has, and all it wrote was read.
void Process::read_streams() {
    std::array<pollfd, 3> entries{
        {{output_pipe_.get(), POLLIN, 0}, {errors_pipe_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    bool last_round = false;
    while (entries[0].fd >= 0 || entries[1].fd >= 0) {
        const int ready = ::poll(entries.data(), entries.size(), last_round ? 0 : -1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        if (entries[0].revents != 0 && !read_some(entries[0].fd, output_)) entries[0].fd = -1;
        if (entries[1].revents != 0 && !read_some(entries[1].fd, errors_)) entries[1].fd = -1;
        if (entries[2].revents != 0) {
            last_round = true;
            entries[2].fd = -1;
        }
    }
    const std::lock_guard lock{mutex_};
    streams_ended_ = true;
    written_.notify_all();
}

bool Process::read_some(int descriptor, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    const std::lock_guard lock{mutex_};
    text.append(buffer.data(), static_cast<std::size_t>(size));
    written_.notify_all();
    return true;
}

Finished run_process(const std::vector<std::string>& command, const ProcessOptions& options,
                     std::chrono::milliseconds limit) {
    return Process{command, options}.wait(limit);
}

std::string rowmill_binary() {
    return ROWMILL_BINARY;
}

std::vector<std::string> rowmill_command(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{rowmill_binary()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

Finished run_rowmill(const std::vector<std::string>& arguments, const ProcessOptions& options,
                     std::chrono::milliseconds limit) {
    ProcessOptions alone = options;
    alone.environment.try_emplace("HOME", "/nonexistent");
    alone.environment.try_emplace("ROWMILL_DSN", "");
    return run_process(rowmill_command(arguments), alone, limit);
}

}  // namespace rowmill::test
