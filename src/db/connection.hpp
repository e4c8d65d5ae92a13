#pragma once

#include "db/bulk.hpp"
#include "db/handshake.hpp"
#include "db/identity.hpp"
#include "db/literal.hpp"
#include "db/session.hpp"
#include "db/socket_handle.hpp"

#include <mysql.h>

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

struct ResultCloser {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using RawResult = std::unique_ptr<MYSQL_RES, ResultCloser>;

/// What a session consists of: the connection that mysql++ made, and the C library's fast path over it.
struct Session::Connection {
    /// Takes the result of statement `index` (of those given to `run`) off the wire.
    using Consume = std::function<void(std::size_t index)>;

    Connection(const Endpoint& where, const SessionSettings& settings);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Sends what was deferred and then `statements`, in as few packets as is safe, and has the results consumed in
    /// order; those of deferred statements are thrown away.
    void run(std::span<const std::string_view> statements, const Consume& consume);
    void run_one(std::string_view statement, const std::function<void()>& consume);
    /// Without what was deferred.
    void run_now(std::span<const std::string_view> statements, const Consume& consume);

    /// The answer to the statement whose result is next; rows are thrown away and counted.
    Executed take_answer();
    ResultSet take_rows();
    void take_rows(const std::function<void(const RowView&)>& row,
                   const std::function<void(const MYSQL_FIELD*)>& columns = {});
    Executed execute_bulk(std::string_view statement, std::span<const std::vector<Value>> rows);

    void require_usable() const;
    bool in_transaction();
    Backslash backslash() const;
    /// See Session::interrupt; any thread.
    void interrupt();

    Endpoint endpoint;
    Server server;
    std::uint64_t id = 0;
    std::uint64_t max_packet = 0;
    std::vector<std::string> deferred;
    std::function<void()> when_sent;  ///< called between a packet and its answer
    bool may_have_warnings = false;   ///< of the last statement
    bool lost = false;
    std::atomic<bool> interrupted{false};

private:
    void set_up(const SessionSettings& settings);
    void send(std::span<const std::string_view> statements);
    void run_window(std::span<const std::string_view> statements, std::size_t first, const Consume& consume);
    void take_next_result();
    /// After the result sets of a procedure comes an answer without rows.
    void skip_rest_of_call();
    /// Takes what is left of a packet's results; throws where an error is among them.
    void finish();
    /// The same after an error: whatever it is.
    void drain();
    /// Throws the error that the library holds for this connection, as that of the current statement.
    [[noreturn]] void fail();
    [[noreturn]] void fail(Error error);
    void lose();

    OpenConnection link_;
    MYSQL* handle_ = nullptr;
    SocketHandle socket_;
    PreparedStatement prepared_;
    std::string_view current_;  ///< the statement whose result is awaited
    std::size_t current_index_ = 0;
    std::size_t deferred_in_flight_ = 0;
    bool status_is_known_ = true;  ///< an error's packet does not carry the transaction's status
};

}  // namespace rowmill::db
