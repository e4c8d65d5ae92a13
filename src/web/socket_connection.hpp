#pragma once

#include "web/connection.hpp"
#include "web/incoming.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace rowmill::web {

/// A plain or an encrypted socket, and how long anything on it may take, whatever it is that is said there. What it waits for holds it;
/// when nothing does, it is gone.
template <typename Socket>
class SocketConnection : public Connection {
protected:
    using ErrorCode = boost::system::error_code;

    static constexpr bool is_tls = std::is_same_v<Socket, TlsSocket>;

    template <typename... Arguments>
    explicit SocketConnection(Hall& hall, Arguments&&... arguments)
        : Connection{hall}, socket_{std::forward<Arguments>(arguments)...}, timer_{hall.io} {}

    auto& tcp_socket() { return socket_.lowest_layer(); }

    /// `late` is called when the time is up, unless another deadline was set meanwhile, or it was met.
    void set_deadline(std::chrono::milliseconds time, std::function<void()> late) {
        const std::uint64_t deadline = ++deadline_;
        timer_.expires_after(time);
        timer_.async_wait([this, self = shared_from_this(), deadline, late = std::move(late)](const ErrorCode& error) {
            if (!error && deadline == deadline_) late();
        });
    }
    void set_deadline(std::chrono::milliseconds time) {
        set_deadline(time, [this] { drop(); });
    }
    void meet_deadline() {
        ++deadline_;
        timer_.cancel();
    }

    virtual void drop() {
        meet_deadline();
        ErrorCode ignored;
        tcp_socket().close(ignored);
    }

    /// The deadline begins anew with whatever is taken.
    template <typename Buffers, typename Then>
    void write(const Buffers& buffers, Then then) {
        set_deadline(hall_.limits.write_time);
        auto condition = [this, taken = std::size_t{0}](const ErrorCode& error, std::size_t so_far) mutable -> std::size_t {
            if (error) return 0;
            if (so_far > taken) set_deadline(hall_.limits.write_time);
            taken = so_far;
            return 64 << 10;
        };
        boost::asio::async_write(socket_, buffers, std::move(condition),
                                 [this, self = shared_from_this(), then = std::move(then)](const ErrorCode& error, std::size_t) {
                                     if (error) return drop();
                                     then();
                                 });
    }

    /// Says that no more comes, and takes what is still under way: a socket that is closed with unread bytes resets the connection, and
    /// with it what the client has not read of our answer.
    void linger() {
        set_deadline(std::chrono::milliseconds{2000});
        if constexpr (is_tls) {
            socket_.async_shutdown([this, self = shared_from_this()](const ErrorCode&) { drop(); });
        } else {
            ErrorCode ignored;
            socket_.shutdown(boost::asio::socket_base::shutdown_send, ignored);
            discard();
        }
    }

    Socket socket_;
    std::array<char, 64> scrap_{};  ///< for what is read and not looked at

private:
    static constexpr std::size_t most_discarded = 1 << 20;

    void discard() {
        socket_.async_read_some(boost::asio::buffer(scrap_), [this, self = shared_from_this()](const ErrorCode& error, std::size_t bytes) {
            discarded_ += bytes;
            if (error || discarded_ > most_discarded) return drop();
            discard();
        });
    }

    boost::asio::steady_timer timer_;
    std::uint64_t deadline_ = 0;  // counts them, so that one that was met just in time does nothing
    std::size_t discarded_ = 0;
};

}  // namespace rowmill::web
