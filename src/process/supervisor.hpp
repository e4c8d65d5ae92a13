#pragma once

#include "process/descriptor.hpp"
#include "process/message.hpp"

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::process {

/// Starts children for rowmill, tells how they end, and leaves none behind, whatever rowmill dies of. The whole work of
/// a process of one thread, because only a child of the one process that outlives rowmill can be killed for certain,
/// and because a program with threads must not fork.
///
/// A child's end is told when its whole group is gone. What of the group outlives the child is killed at once, or,
/// where the child was asked to end, when the grace is over.
class Supervisor {
public:
    /// Makes this process a child subreaper that no signal but KILL ends. SIGCHLD is blocked from here on.
    explicit Supervisor(Descriptor socket);

    /// Until the socket's other end is closed; then all descendants are dead.
    void run();

private:
    using Clock = std::chrono::steady_clock;
    struct Child {
        std::uint64_t id = 0;
        std::optional<int> status;                 ///< it has ended, and its group is waited for
        std::optional<Clock::time_point> kill_at;  ///< it was asked to end
        Clock::time_point give_up_at;              ///< then its end is told whether its group is gone or not
    };
    using Children = std::map<pid_t, Child>;

    int milliseconds_to_next_deadline() const;
    bool receive();
    void heard(const Message& message);
    void start(const Message& message);
    void stop(const Message& message);
    void reap();
    void end_group(pid_t pid, Child& child);
    void keep_deadlines();
    void tell_ends();
    std::vector<std::string> environment_with(const std::vector<std::string>& changes) const;
    void send(std::string_view frame);
    void tell(Message::Kind kind, std::uint64_t id, std::int64_t number, std::string text = {});

    Descriptor socket_;
    Descriptor ends_;  ///< a signalfd, readable when a child has ended
    std::vector<std::string> environment_;
    MessageBuffer buffer_;
    std::deque<Descriptor> received_;
    Children children_;
    bool connected_ = true;
};

}  // namespace rowmill::process
