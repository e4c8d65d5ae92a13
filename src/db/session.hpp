#pragma once

#include "db/endpoint.hpp"
#include "db/server.hpp"

#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

/// Must be alive on every thread that uses a session.
class ThreadScope {
public:
    ThreadScope();
    ~ThreadScope();
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;
};

/// The `statement_index` of an error in a deferred statement: it is none of those that the call was given.
inline constexpr std::size_t deferred_statement = static_cast<std::size_t>(-1);

/// What a statement without a result set answered. The session has CLIENT_FOUND_ROWS: `matched`
/// counts the rows that an UPDATE matched, changed or not.
struct Executed {
    std::uint64_t matched = 0;
    std::uint64_t last_insert_id = 0;
    unsigned warnings = 0;
};

struct Warning {
    std::string level;  ///< "Note", "Warning", "Error"
    int code = 0;
    std::string message;
};

/// A row as it arrives. Valid only inside the callback.
class RowView {
public:
    RowView(const char* const* cells, const unsigned long* lengths, std::size_t size)
        : cells_{cells}, lengths_{lengths}, size_{size} {}
    std::size_t size() const { return size_; }
    bool is_null(std::size_t i) const { return cells_[i] == nullptr; }
    /// Empty for NULL.
    std::string_view operator[](std::size_t i) const {
        return cells_[i] ? std::string_view{cells_[i], lengths_[i]} : std::string_view{};
    }

private:
    const char* const* cells_;
    const unsigned long* lengths_;
    std::size_t size_;
};

/// A small result, whole in memory.
struct ResultSet {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;

    bool empty() const { return rows.empty(); }
    /// The cell, or the empty string where it is NULL. Throws Error{internal} beyond the edge.
    const std::string& text(std::size_t row, std::size_t column) const;
    /// The position of a column by name, without regard to ASCII case.
    std::optional<std::size_t> find(std::string_view column) const;
};

/// One connection to a MySQL or MariaDB server, utf8mb4, with CLIENT_FOUND_ROWS and several
/// statements to a packet allowed. It never reconnects by itself: a lost connection throws
/// Error{disconnected} and leaves the session unusable.
///
/// Every error of the server is thrown as Error with the kind of semantics by its number
/// (see db/errors.hpp), the number, the SQLSTATE and the shortened statement.
///
/// Not thread-safe: one thread at a time, each with a ThreadScope. `interrupt` alone may be called
/// from another thread.
class Session {
public:
    /// Connects and applies the settings. Throws Error{usage} for a wrong password or database,
    /// Error{disconnected | overloaded} where the server can't be reached now.
    Session(const Endpoint& endpoint, const SessionSettings& settings);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Statements that travel in one packet with the next one executed, before it, to save a round
    /// trip. Their errors are thrown by that call, their results thrown away. Whatever that call's end, they are
    /// forgotten.
    void defer(std::string statement);
    /// Forgets what was deferred and not yet sent.
    void forget_deferred();

    Executed execute(std::string_view statement);
    /// The same; `when_sent` is called when the statement is on its way and its answer is awaited.
    Executed execute(std::string_view statement, std::function<void()> when_sent);
    /// In order, up to a hundred (and max_allowed_packet) in one packet; stops at the first error, whose
    /// `statement_index` tells which (`deferred_statement` for one that was deferred). Statements before it were
    /// executed.
    std::vector<Executed> execute_all(std::span<const std::string> statements);
    ResultSet query(std::string_view statement);
    /// Rows one after another as they arrive, none kept. The callback must not use the session; where it throws, the
    /// rows that are left are read and thrown away.
    void stream(std::string_view statement, const std::function<void(const RowView&)>& row);
    /// One execution of a statement with `?` placeholders for each row of parameters, in one round
    /// trip (array binding), what was deferred in one of its own before. Only where `server().has_array_binding`. Where
    /// a row fails, those before it were executed; the server does not say which row it was.
    Executed execute_bulk(std::string_view statement, std::span<const std::vector<Value>> rows);

    /// The warnings of the last statement, of a packet's the last one's only. No round trip where it had none, and what
    /// was deferred stays deferred. The server keeps `max_error_count` of them (64 on MariaDB).
    std::vector<Warning> warnings();

    /// A literal of the value, escaped for this session's sql_mode. NULL becomes `NULL`.
    std::string quote(ValueView value) const;
    void quote_to(std::string& sql, ValueView value) const;

    /// As the server said with its last answer. After an error it has to be asked, which costs a round trip and its
    /// warnings. False once the connection is lost.
    bool in_transaction() const;
    const Server& server() const;
    std::uint64_t connection_id() const;
    std::uint64_t max_allowed_packet() const;
    /// False once the connection is lost.
    bool usable() const;

    /// Makes a blocked call fail soon, with Error{disconnected}, from any thread: KILL QUERY from a connection of its
    /// own (given up after two seconds), then the socket's shutdown. The session is unusable afterwards. The owner
    /// keeps the session alive until this returns.
    void interrupt();

private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

/// `name` quoted as an identifier, backticks doubled.
std::string quote_name(std::string_view name);
/// `schema`.`table`
std::string quote_name(std::string_view schema, std::string_view table);

}  // namespace rowmill::db
