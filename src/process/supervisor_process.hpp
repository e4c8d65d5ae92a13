#pragma once

#include "process/descriptor.hpp"

#include <sys/types.h>

#include <string>

namespace rowmill::process {

/// A supervisor, as rowmill's child process: this program, started again in a session of its own, with one end of a
/// stream socket. Nothing of it is left when this is destroyed.
class SupervisorProcess {
public:
    /// `executable`: what is started; its main() calls supervise_if_asked. Throws Error{fatal} where it can't be
    /// started.
    explicit SupervisorProcess(const std::string& executable);
    /// Closes the lifeline and waits until the supervisor has killed all that is left of its children.
    ~SupervisorProcess();
    SupervisorProcess(const SupervisorProcess&) = delete;
    SupervisorProcess& operator=(const SupervisorProcess&) = delete;

    /// Our end of the socket; non-blocking.
    Descriptor& socket() { return socket_; }
    pid_t pid() const { return pid_; }

private:
    Descriptor socket_;
    pid_t pid_ = -1;
};

}  // namespace rowmill::process
