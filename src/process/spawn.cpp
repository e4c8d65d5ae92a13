#include "process/spawn.hpp"

#include "process/command_path.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace rowmill::process {
namespace {

enum class Step : int { folder, command };

struct Fault {
    Step step;
    int error;
};

/// All that the child needs, made before it is there: it shares our memory until it has become another program.
struct Plan {
    std::string path;
    std::vector<char*> arguments, environment;
    const char* folder;  ///< null: ours
    std::array<int, 3> stdio;
    int fault_pipe;
    const std::function<void(pid_t)>& announce;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

[[noreturn]] void give_up(int pipe, Step step) {
    const Fault fault{step, errno};
    [[maybe_unused]] const ssize_t written = ::write(pipe, &fault, sizeof fault);
    ::_exit(127);
}

/// In the child. Calls nothing that allocates or locks.
[[noreturn]] void become(const Plan& plan) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int target = 0; target < 3; ++target) {
        if (plan.stdio[target] >= 0) ::dup2(plan.stdio[target], target);
    }
    // Ours are all close-on-exec; this is for those that came open into the supervisor.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (plan.folder != nullptr && ::chdir(plan.folder) != 0) give_up(plan.fault_pipe, Step::folder);
    if (plan.announce) plan.announce(::getpid());
    ::execve(plan.path.c_str(), plan.arguments.data(), plan.environment.data());
    give_up(plan.fault_pipe, Step::command);
}

std::string_view value_of(std::string_view name, const std::vector<std::string>& environment) {
    for (const std::string_view variable : environment) {
        if (variable.starts_with(name) && variable.substr(name.size()).starts_with('='))
            return variable.substr(name.size() + 1);
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

/// What the child says before it becomes the program: nothing where all went well, as the pipe closes with that.
bool read_fault(int pipe, Fault& fault) {
    ssize_t size = 0;
    do {
        size = ::read(pipe, &fault, sizeof fault);
    } while (size < 0 && errno == EINTR);
    return size == sizeof fault;
}

}  // namespace

Spawned spawn(const SpawnRequest& request) {
    CommandPath command = find_command(request.arguments.at(0), value_of("PATH", request.environment));
    if (command.error != 0) return {-1, command.error, request.arguments[0]};
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {-1, errno, "a pipe"};
    const Descriptor fault_reader{ends[0]};
    Descriptor fault_writer{ends[1]};
    const Plan plan{std::move(command.path),
                    pointers(request.arguments),
                    pointers(request.environment),
                    request.folder.empty() ? nullptr : request.folder.c_str(),
                    {request.input, request.output, request.errors},
                    fault_writer.get(),
                    request.announce};
    // vfork, as a fork copies page tables: it would be the largest part of what a small command costs.
    const pid_t pid = ::vfork();
    if (pid == 0) become(plan);
    if (pid < 0) return {-1, errno, "a process"};
    fault_writer.close();
    Fault fault{};
    if (!read_fault(fault_reader.get(), fault)) return {pid, 0, {}};
    ::waitpid(pid, nullptr, 0);
    return {-1, fault.error, fault.step == Step::folder ? request.folder : request.arguments[0]};
}

}  // namespace rowmill::process
