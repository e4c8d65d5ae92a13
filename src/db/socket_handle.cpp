#include "db/socket_handle.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rowmill::db {
namespace {

/// A peer that vanished without a word is noticed within about two minutes: reads have no timeout, since statements may
/// be slow.
void keep_alive(int socket) {
    const auto set = [socket](int level, int name, int value) {
        // Fails on a unix socket, which needs none of it.
        (void)::setsockopt(socket, level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(IPPROTO_TCP, TCP_KEEPCNT, 6);
}

}  // namespace

void SocketHandle::open(int library_socket) {
    // A child process that inherited the connection would keep it, and its transaction, open.
    ::fcntl(library_socket, F_SETFD, FD_CLOEXEC);
    descriptor_ = ::fcntl(library_socket, F_DUPFD_CLOEXEC, 0);
    keep_alive(library_socket);
}

SocketHandle::~SocketHandle() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void SocketHandle::shut_down() const {
    if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace rowmill::db
