#pragma once

namespace rowmill::db {

/// A second descriptor of a connection's socket. The library closes its own whenever it likes, and the number may
/// belong to somebody else at once; this one stays ours, so that any thread may shut the socket down.
class SocketHandle {
public:
    SocketHandle() = default;
    ~SocketHandle();
    SocketHandle(const SocketHandle&) = delete;
    SocketHandle& operator=(const SocketHandle&) = delete;

    /// Once.
    void open(int library_socket);
    void shut_down() const;

private:
    int descriptor_ = -1;
};

}  // namespace rowmill::db
