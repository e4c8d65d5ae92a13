#include "support/tcp_proxy.hpp"

#include "support/descriptor.hpp"
#include "support/packets.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

namespace rowmill::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}
bool same_letter(char a, char b) {
    return lower(a) == lower(b);
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n;";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

Descriptor listen_on(unsigned port) {
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(socket.get(), 64) != 0) fail("listen");
    return socket;
}

unsigned port_of(const Descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
    return ntohs(address.sin_port);
}

/// An empty descriptor where the server can't be reached.
Descriptor connect_to(const db::Endpoint& server) {
    if (!server.socket.empty()) {
        Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        server.socket.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
        return socket;
    }
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) return {};
    Descriptor socket;
    for (addrinfo* entry = found; entry != nullptr && !socket; entry = entry->ai_next) {
        socket = Descriptor{::socket(entry->ai_family, entry->ai_socktype | SOCK_CLOEXEC, entry->ai_protocol)};
        if (::connect(socket.get(), entry->ai_addr, entry->ai_addrlen) != 0) socket.close();
    }
    ::freeaddrinfo(found);
    return socket;
}

void send_at_once(const Descriptor& socket) {
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool send_all(const Descriptor& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// What has arrived; empty at the end of the stream.
std::string receive(const Descriptor& socket) {
    std::array<char, 65536> buffer{};
    ssize_t size = 0;
    while ((size = ::recv(socket.get(), buffer.data(), buffer.size(), 0)) < 0 && errno == EINTR) {
    }
    return size <= 0 ? std::string{} : std::string{buffer.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::function<bool(std::string_view)> statement_is(std::string text) {
    return [text = std::move(text)](std::string_view statement) {
        const std::string_view bare = trim(statement);
        return std::equal(bare.begin(), bare.end(), text.begin(), text.end(), same_letter);
    };
}

std::function<bool(std::string_view)> statement_has(std::string text) {
    return [text = std::move(text)](std::string_view statement) {
        return std::search(statement.begin(), statement.end(), text.begin(), text.end(), same_letter) !=
               statement.end();
    };
}

/// The listener, the rules, and a connection's two sockets with the thread that carries bytes between them.
class TcpProxy::Core {
public:
    explicit Core(db::Endpoint server) : server_{std::move(server)} { open(0); }
    ~Core() {
        close();
        {
            const std::lock_guard lock{mutex_};
            ending_ = true;
            for (Connection& connection : connections_) connection.shut_both();
            changed_.notify_all();
        }
        connections_.clear();
    }
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    void open(unsigned port) {
        if (listener_) return;
        listener_ = listen_on(port);
        port_ = port_of(listener_);
        acceptor_ = std::jthread{[this] { accept_clients(); }};
    }
    void close() {
        if (!listener_) return;
        ::shutdown(listener_.get(), SHUT_RDWR);
        acceptor_.join();
        listener_.close();
    }
    void cut_all() {
        const std::lock_guard lock{mutex_};
        for (Connection& connection : connections_) connection.shut_both();
    }
    void release() {
        const std::lock_guard lock{mutex_};
        ++releases_;
        changed_.notify_all();
    }

    db::Endpoint present_server() const {
        const std::lock_guard lock{mutex_};
        return server_;
    }

    db::Endpoint server_;
    unsigned port_ = 0;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::list<Rule> rules_;
    unsigned struck_ = 0;
    unsigned accepted_ = 0;

private:
    struct Connection {
        Descriptor client, server;
        std::jthread thread;

        void shut_client() { ::shutdown(client.get(), SHUT_RDWR); }
        void shut_both() {
            shut_client();
            ::shutdown(server.get(), SHUT_RDWR);
        }
    };

    void accept_clients() {
        while (true) {
            Descriptor client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (!client) {
                if (errno == EINTR || errno == ECONNABORTED) continue;
                return;
            }
            Descriptor server = connect_to(present_server());
            const std::lock_guard lock{mutex_};
            ++accepted_;
            changed_.notify_all();
            if (!server) continue;
            send_at_once(client);
            Connection& connection = connections_.emplace_back();
            connection.client = std::move(client);
            connection.server = std::move(server);
            connection.thread = std::jthread{[this, &connection] {
                carry(connection);
                const std::lock_guard ended{mutex_};
                connection.shut_both();
            }};
        }
    }

    /// Until either side closes, or a rule cuts.
    void carry(Connection& connection) {
        PacketReader packets;
        std::array<pollfd, 2> entries{{{connection.client.get(), POLLIN, 0}, {connection.server.get(), POLLIN, 0}}};
        while (true) {
            if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
            if (entries[1].revents != 0) {
                const std::string answer = receive(connection.server);
                if (answer.empty() || !send_all(connection.client, answer)) return;
            }
            if (entries[0].revents != 0) {
                const std::string bytes = receive(connection.client);
                if (bytes.empty()) return;
                packets.feed(bytes);
                while (const std::optional<std::string> packet = packets.next()) {
                    if (!pass(connection, *packet)) return;
                }
            }
        }
    }

    /// Does with one packet what the rules say. False: the connection is to be cut.
    bool pass(Connection& connection, const std::string& packet) {
        const std::optional<std::string_view> statement = statement_of(packet);
        const std::optional<Strike> strike = statement ? judge(*statement) : std::nullopt;
        if (!strike) return send_all(connection.server, packet);
        switch (strike->deed) {
            case Deed::cut_before:
                break;
            case Deed::cut_after:
                send_all(connection.server, packet);
                break;
            case Deed::cut_before_answer:
                send_all(connection.server, packet);
                receive(connection.server);
                break;
            case Deed::orphan: {
                std::unique_lock lock{mutex_};
                connection.shut_client();
                wait_for_release(lock, strike->releases);
                break;
            }
            case Deed::hold: {
                std::unique_lock lock{mutex_};
                wait_for_release(lock, strike->releases);
                if (ending_) break;
                lock.unlock();
                return send_all(connection.server, packet);
            }
        }
        return false;
    }

    /// `before`: how many releases there had been when the statement was struck; one may have come since.
    void wait_for_release(std::unique_lock<std::mutex>& lock, unsigned before) {
        changed_.wait(lock, [this, before] { return ending_ || releases_ != before; });
    }

    struct Strike {
        Deed deed;
        unsigned releases;
    };

    std::optional<Strike> judge(std::string_view statement) {
        const std::lock_guard lock{mutex_};
        for (Rule& rule : rules_) {
            if (rule.times == 0 || !rule.matches(statement)) continue;
            if (rule.skip > 0) {
                --rule.skip;
                continue;
            }
            --rule.times;
            ++struck_;
            changed_.notify_all();
            return Strike{rule.deed, releases_};
        }
        return std::nullopt;
    }

    unsigned releases_ = 0;
    bool ending_ = false;
    std::list<Connection> connections_;
    Descriptor listener_;
    std::jthread acceptor_;
};

TcpProxy::TcpProxy(const db::Endpoint& server) : core_{std::make_unique<Core>(server)} {}
TcpProxy::~TcpProxy() = default;

unsigned TcpProxy::port() const {
    return core_->port_;
}

db::Endpoint TcpProxy::endpoint() const {
    db::Endpoint endpoint = core_->present_server();
    endpoint.socket.clear();
    endpoint.host = "127.0.0.1";
    endpoint.port = port();
    endpoint.ssl_mode = db::SslMode::disabled;
    return endpoint;
}

std::string TcpProxy::dsn() const {
    const db::Endpoint server = core_->present_server();
    const std::string password = server.password.empty() ? "" : ":" + server.password;
    return "mysql://" + server.user + password + "@127.0.0.1:" + std::to_string(port()) + "/" + server.database +
           "?ssl-mode=disabled";
}

void TcpProxy::lead_to(const db::Endpoint& server) {
    const std::lock_guard lock{core_->mutex_};
    core_->server_ = server;
}

void TcpProxy::add(Rule rule) {
    const std::lock_guard lock{core_->mutex_};
    core_->rules_.push_back(std::move(rule));
}

unsigned TcpProxy::struck() const {
    const std::lock_guard lock{core_->mutex_};
    return core_->struck_;
}

bool TcpProxy::wait_until_struck(unsigned count, std::chrono::milliseconds limit) const {
    std::unique_lock lock{core_->mutex_};
    return core_->changed_.wait_for(lock, limit, [&] { return core_->struck_ >= count; });
}

void TcpProxy::release() {
    core_->release();
}
void TcpProxy::cut_all() {
    core_->cut_all();
}
void TcpProxy::stop_accepting() {
    core_->close();
}
void TcpProxy::accept_again() {
    core_->open(core_->port_);
}

unsigned TcpProxy::accepted() const {
    const std::lock_guard lock{core_->mutex_};
    return core_->accepted_;
}

}  // namespace rowmill::test
