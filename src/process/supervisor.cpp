#include "process/supervisor.hpp"

#include "process/descendants.hpp"
#include "process/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace rowmill::process {
namespace {

/// How long a killed group may take to be gone: what waits for a dead disk can't be waited for.
constexpr std::chrono::seconds burial{2};

std::string_view name_of(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

bool is_gone(pid_t group) {
    return ::kill(-group, 0) != 0 && errno == ESRCH;
}

/// The descriptors that came with a piece of the stream.
void take_descriptors(msghdr& header, std::deque<Descriptor>& received) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t index = 0; index < count; ++index) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + index * sizeof(int), sizeof(int));
            received.emplace_back(number);
        }
    }
}

}  // namespace

Supervisor::Supervisor(Descriptor socket) : socket_{std::move(socket)} {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_NAME, "rowmill-superv");
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &ends, nullptr);
    ends_ = Descriptor{::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK)};
    for (char** variable = environ; *variable != nullptr; ++variable) environment_.emplace_back(*variable);
}

void Supervisor::run() {
    std::array<pollfd, 2> entries{{{socket_.get(), POLLIN, 0}, {ends_.get(), POLLIN, 0}}};
    while (connected_) {
        const int ready = ::poll(entries.data(), entries.size(), milliseconds_to_next_deadline());
        if (ready < 0 && errno != EINTR) break;
        if (ready > 0 && entries[1].revents != 0) reap();
        keep_deadlines();
        tell_ends();
        if (ready > 0 && entries[0].revents != 0 && !receive()) break;
    }
    kill_descendants();
}

int Supervisor::milliseconds_to_next_deadline() const {
    std::optional<Clock::time_point> next;
    const auto consider = [&](Clock::time_point time) { next = next ? std::min(*next, time) : time; };
    for (const auto& [pid, child] : children_) {
        if (child.kill_at) consider(*child.kill_at);
        if (child.status && !child.kill_at) consider(child.give_up_at);
    }
    if (!next) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60000));
}

/// False once the other end is closed.
bool Supervisor::receive() {
    std::array<char, 65536> bytes;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    take_descriptors(header, received_);
    buffer_.append({bytes.data(), static_cast<std::size_t>(size)});
    while (const std::optional<Message> message = buffer_.next()) heard(*message);
    return true;
}

void Supervisor::heard(const Message& message) {
    if (message.kind == Message::Kind::start) start(message);
    if (message.kind == Message::Kind::stop) stop(message);
}

void Supervisor::start(const Message& message) {
    std::vector<Descriptor> stdio;
    for (std::int64_t left = message.number; left > 0 && !received_.empty(); --left) {
        stdio.push_back(std::move(received_.front()));
        received_.pop_front();
    }
    // A descriptor is lost on the way where this process has no room for it.
    if (static_cast<std::int64_t>(stdio.size()) != message.number)
        return tell(Message::Kind::not_started, message.id, EMFILE, "the supervisor's descriptors");
    SpawnRequest request{message.arguments, environment_with(message.environment), message.text};
    request.errors = stdio.at(stdio.size() - 1).get();
    request.output = stdio.at(stdio.size() - 2).get();
    if (stdio.size() > 2) request.input = stdio[0].get();
    std::string started = encode({Message::Kind::started, message.id});
    request.announce = [&](pid_t pid) {
        set_number(started, pid);
        send(started);
    };
    const Spawned spawned = spawn(request);
    if (spawned.pid < 0) return tell(Message::Kind::not_started, message.id, spawned.error, spawned.what);
    children_[spawned.pid].id = message.id;
}

void Supervisor::stop(const Message& message) {
    const auto found = std::find_if(children_.begin(), children_.end(),
                                    [&](const auto& entry) { return entry.second.id == message.id; });
    if (found == children_.end() || found->second.kill_at) return;
    found->second.kill_at = Clock::now() + std::chrono::milliseconds{message.number};
    ::kill(-found->first, SIGTERM);
    ::kill(-found->first, SIGCONT);  // a stopped process hears nothing but this and KILL
}

void Supervisor::reap() {
    signalfd_siginfo ignored{};
    while (::read(ends_.get(), &ignored, sizeof ignored) > 0) {
    }
    while (true) {
        siginfo_t ended{};
        if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
        const auto found = children_.find(ended.si_pid);
        // Before it is reaped, as until then its number, and so its group's, belongs to nobody else.
        if (found != children_.end() && !found->second.kill_at) end_group(found->first, found->second);
        int status = 0;
        ::waitpid(ended.si_pid, &status, 0);
        if (found != children_.end()) found->second.status = status;
    }
}

void Supervisor::end_group(pid_t pid, Child& child) {
    ::kill(-pid, SIGKILL);
    child.kill_at.reset();
    child.give_up_at = Clock::now() + burial;
}

void Supervisor::keep_deadlines() {
    const auto now = Clock::now();
    for (auto& [pid, child] : children_) {
        if (child.kill_at && *child.kill_at <= now) end_group(pid, child);
    }
}

void Supervisor::tell_ends() {
    const auto now = Clock::now();
    for (auto entry = children_.begin(); entry != children_.end();) {
        const Child& child = entry->second;
        const bool over = child.status && (is_gone(entry->first) || (!child.kill_at && child.give_up_at <= now));
        if (over) tell(Message::Kind::ended, child.id, *child.status);
        entry = over ? children_.erase(entry) : std::next(entry);
    }
}

std::vector<std::string> Supervisor::environment_with(const std::vector<std::string>& changes) const {
    std::vector<std::string> result = changes;
    for (const std::string& variable : environment_) {
        const bool changed = std::any_of(changes.begin(), changes.end(), [&](const std::string& change) {
            return name_of(change) == name_of(variable);
        });
        if (!changed) result.push_back(variable);
    }
    return result;
}

void Supervisor::tell(Message::Kind kind, std::uint64_t id, std::int64_t number, std::string text) {
    send(encode({kind, id, number, std::move(text)}));
}

void Supervisor::send(std::string_view frame) {
    while (!frame.empty()) {
        const ssize_t size = ::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) {
            connected_ = false;
            return;
        }
        frame.remove_prefix(static_cast<std::size_t>(size));
    }
}

}  // namespace rowmill::process
