#include "process/supervisor_process.hpp"

#include "process/supervise.hpp"

#include <rowmill/error.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace rowmill::process {
namespace {

/// How the supervisor starts: no signal ignored or blocked, no terminal, its stdio nowhere, the socket as its lifeline.
struct Beginning {
    explicit Beginning(int socket) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_adddup2(&actions, socket, lifeline);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, lifeline + 1);
        sigset_t all, none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    }
    ~Beginning() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    Beginning(const Beginning&) = delete;
    Beginning& operator=(const Beginning&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

[[noreturn]] void fail(int error) {
    throw Error{ErrorKind::fatal,
                std::string{"can't start the supervisor of child processes: "} + std::strerror(error)};
}

}  // namespace

SupervisorProcess::SupervisorProcess(const std::string& executable) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail(errno);
    socket_ = Descriptor{ends[0]};
    const Descriptor its_end{ends[1]};
    ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
    const Beginning beginning{its_end.get()};
    std::string name = "rowmill-supervisor";
    std::string argument = supervise_argument;
    const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
    const int error =
        ::posix_spawn(&pid_, executable.c_str(), &beginning.actions, &beginning.attributes, arguments.data(), environ);
    if (error != 0) fail(error);
}

SupervisorProcess::~SupervisorProcess() {
    socket_.close();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace rowmill::process
