#pragma once

#include "db/endpoint.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rowmill::test {

/// What a rule of the proxy does with a statement on its way to the server.
enum class Deed {
    cut_before,         ///< cut the connection; the server never sees the statement
    cut_after,          ///< send it on and cut at once: the server may or may not get to it before it notices
    cut_before_answer,  ///< send it on, wait until the server answers, and cut without a word to the client
    orphan,             ///< cut the client off, hide that from the server: its transaction stays open until `release`
    hold,               ///< keep it back until `release`, then send it on
};

struct Rule {
    std::function<bool(std::string_view statement)> matches;
    Deed deed = Deed::cut_before;
    unsigned skip = 0;   ///< so many matching statements pass first
    unsigned times = 1;  ///< then so many are struck
};

/// The whole statement is `text`, without regard to ASCII case and blanks around it: `statement_is("COMMIT")`.
std::function<bool(std::string_view)> statement_is(std::string text);
/// `text` occurs somewhere in the statement, without regard to ASCII case.
std::function<bool(std::string_view)> statement_has(std::string text);

/// Stands on a loopback TCP port between clients and a server, and makes the connection fail on purpose. It sees the
/// text of what is sent as COM_QUERY or COM_STMT_PREPARE (several statements in one packet are one text), and only
/// where the connection is not encrypted, as its endpoint asks. Each connection has a thread of the proxy's.
/// Thread-safe, but for `stop_accepting` and `accept_again`, which belong to one thread.
class TcpProxy {
public:
    /// Listens at once; the server is connected to anew for each client.
    explicit TcpProxy(const db::Endpoint& server);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    unsigned port() const;
    /// The server's account and database, on the proxy's port, without TLS.
    db::Endpoint endpoint() const;
    std::string dsn() const;

    /// Rules are asked in the order they were added; the first that strikes decides.
    void add(Rule rule);
    /// How many statements were struck so far.
    unsigned struck() const;
    /// Waits until `count` statements were struck. False at the limit.
    bool wait_until_struck(unsigned count, std::chrono::milliseconds limit = std::chrono::seconds{30}) const;

    /// Sends on what is held, and closes the server's side of what is orphaned.
    void release();
    /// Cuts all connections that are open now.
    void cut_all();
    /// New connections lead to another server from now on, as when an address is moved; those that are open stay.
    void lead_to(const db::Endpoint& server);
    /// New connections are refused until `accept_again`.
    void stop_accepting();
    void accept_again();
    /// How many connections were accepted so far.
    unsigned accepted() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace rowmill::test
