#include "db/connection.hpp"

#include "db/errors.hpp"
#include "db/packet.hpp"
#include "db/setup.hpp"

#include <errmsg.h>
#include <mysql++.h>
#include <mysqld_error.h>

#include <algorithm>
#include <utility>

namespace rowmill::db {
namespace {

constexpr std::size_t most_statements_in_a_packet = 100;
/// Room in a packet for its command byte and what the server adds when it counts.
constexpr std::size_t packet_overhead = 1024;
constexpr std::chrono::milliseconds time_to_kill{2000};

Variables variables_of(const ResultSet& result) {
    Variables variables;
    for (const auto& row : result.rows) variables.emplace(row[0].value_or(""), row[1].value_or(""));
    return variables;
}

}  // namespace

Session::Connection::Connection(const Endpoint& where, const SessionSettings& settings)
    : endpoint{where}, link_{shake_hands(where, where.answer_within)}, handle_{handle_of(*link_)} {
    socket_.open(static_cast<int>(mysql_get_socket(handle_)));
    id = mysql_thread_id(handle_);
    if (where.ssl_mode >= SslMode::required && mysql_get_ssl_cipher(handle_) == nullptr) {
        throw Error{ErrorKind::usage, where.display() + " offers no TLS, and ssl-mode requires it"};
    }
    set_up(settings);
}

Session::Connection::~Connection() {
    prepared_.forget();
    if (lost || interrupted) socket_.shut_down();
}

void Session::Connection::set_up(const SessionSettings& settings) {
    std::vector<std::string> texts = setup_statements(settings);
    texts.emplace_back(identity_query);
    const std::vector<std::string_view> statements{texts.begin(), texts.end()};
    try {
        run_now(statements, [&](std::size_t index) {
            if (index + 1 < statements.size()) {
                take_answer();
                return;
            }
            const Variables variables = variables_of(take_rows());
            server = identify(variables);
            const auto packet = variables.find("max_allowed_packet");
            max_packet = packet == variables.end() ? 0 : std::stoull(packet->second);
        });
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::fatal && error.kind() != ErrorKind::row) throw;
        Error refusal{ErrorKind::usage, std::string{"the session's settings: "} + error.what()};
        refusal.server_code = error.server_code;
        refusal.sqlstate = error.sqlstate;
        refusal.statement = error.statement;
        throw refusal;
    }
    unsigned long long extended = 0;
    mariadb_get_infov(handle_, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended);
    server.has_array_binding = server.is_mariadb() && ((extended << 32U) & MARIADB_CLIENT_STMT_BULK_OPERATIONS) != 0;
}

void Session::Connection::require_usable() const {
    if (!lost && !interrupted) return;
    Error error{ErrorKind::disconnected, "the connection to " + endpoint.display() + " is lost"};
    error.server_code = CR_SERVER_LOST;
    throw error;
}

void Session::Connection::lose() {
    lost = true;
    socket_.shut_down();
}

void Session::Connection::fail() {
    fail(server_error(static_cast<int>(mysql_errno(handle_)), mysql_sqlstate(handle_), mysql_error(handle_), current_));
}

void Session::Connection::fail(Error error) {
    const bool broken = error.kind() == ErrorKind::disconnected || handle_->net.pvio == nullptr;
    if (broken) lose();
    status_is_known_ = false;
    may_have_warnings = true;
    error.statement_index = current_index_;
    const bool is_gone = error.kind() == ErrorKind::disconnected;
    // Once interrupted, a session is as good as lost, whatever its last statement was told; and an error that closed
    // the connection is one of the connection.
    if (is_gone || (!interrupted && (!broken || error.kind() == ErrorKind::too_large))) throw error;
    Error gone{ErrorKind::disconnected, error.what()};
    gone.server_code = error.server_code;
    gone.sqlstate = error.sqlstate;
    gone.statement = error.statement;
    gone.statement_index = error.statement_index;
    throw gone;
}

void Session::Connection::drain() {
    do {
        const RawResult result{mysql_use_result(handle_)};
    } while (mysql_next_result(handle_) == 0);
}

void Session::Connection::finish() {
    for (int next = mysql_next_result(handle_); next >= 0; next = mysql_next_result(handle_)) {
        if (next > 0) fail();
        const RawResult result{mysql_use_result(handle_)};
    }
}

void Session::Connection::send(std::span<const std::string_view> statements) {
    const std::string joined = statements.size() > 1 ? join(statements) : std::string{};
    const std::string_view packet = statements.size() > 1 ? std::string_view{joined} : trimmed(statements.front());
    if (max_packet != 0 && packet.size() + packet_overhead > max_packet) {
        // Sent, it would cost the connection.
        fail(server_error(ER_NET_PACKET_TOO_LARGE, "08S01",
                          "a statement of " + std::to_string(packet.size()) +
                              " bytes is longer than the server's max_allowed_packet of " + std::to_string(max_packet),
                          packet));
    }
    if (mysql_send_query(handle_, packet.data(), packet.size()) != 0) fail();
    if (when_sent) when_sent();
    if (mysql_read_query_result(handle_) != 0) fail();
}

void Session::Connection::skip_rest_of_call() {
    while (mysql_field_count(handle_) != 0) {
        const int next = mysql_next_result(handle_);
        if (next > 0) fail();
        if (next < 0) return;
        const RawResult result{mysql_use_result(handle_)};
    }
}

void Session::Connection::take_next_result() {
    const int next = mysql_next_result(handle_);
    if (next > 0) fail();
    if (next < 0) throw Error{ErrorKind::internal, "the server answered fewer statements than were sent"};
}

void Session::Connection::run_window(std::span<const std::string_view> statements, std::size_t first,
                                     const Consume& consume) {
    try {
        for (std::size_t i = 0; i < statements.size(); ++i) {
            current_ = statements[i];
            current_index_ = first + i < deferred_in_flight_ ? deferred_statement : first + i - deferred_in_flight_;
            if (i == 0)
                send(statements);
            else
                take_next_result();
            status_is_known_ = true;
            consume(first + i);
            if (is_call(current_)) skip_rest_of_call();
        }
        finish();
    } catch (...) {
        // The connection is of no use before everything has been read, whoever threw.
        if (!lost) drain();
        throw;
    }
}

void Session::Connection::run_now(std::span<const std::string_view> statements, const Consume& consume) {
    require_usable();
    const std::size_t bytes = max_packet > packet_overhead ? max_packet - packet_overhead : 1U << 20U;
    for (const Window window : windows_of(statements, most_statements_in_a_packet, bytes)) {
        run_window(statements.subspan(window.first, window.count), window.first, consume);
    }
}

void Session::Connection::run(std::span<const std::string_view> statements, const Consume& consume) {
    if (deferred.empty()) return run_now(statements, consume);
    const std::vector<std::string> before = std::exchange(deferred, {});
    std::vector<std::string_view> all{before.begin(), before.end()};
    all.insert(all.end(), statements.begin(), statements.end());
    deferred_in_flight_ = before.size();
    const auto landed = [this](void*) { deferred_in_flight_ = 0; };
    const std::unique_ptr<void, decltype(landed)> flight{this, landed};
    run_now(all, [&](std::size_t index) {
        if (index < before.size())
            take_answer();
        else
            consume(index - before.size());
    });
}

void Session::Connection::run_one(std::string_view statement, const std::function<void()>& consume) {
    run(std::span{&statement, 1}, [&](std::size_t) { consume(); });
}

Executed Session::Connection::take_answer() {
    Executed executed;
    if (mysql_field_count(handle_) == 0) {
        executed.matched = mysql_affected_rows(handle_);
        executed.last_insert_id = mysql_insert_id(handle_);
    } else {
        take_rows([&](const RowView&) { ++executed.matched; });
    }
    executed.warnings = mysql_warning_count(handle_);
    may_have_warnings = executed.warnings != 0;
    return executed;
}

ResultSet Session::Connection::take_rows() {
    ResultSet set;
    const unsigned count = mysql_field_count(handle_);
    take_rows(
        [&](const RowView& row) {
            auto& cells = set.rows.emplace_back();
            cells.reserve(row.size());
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (row.is_null(i))
                    cells.emplace_back();
                else
                    cells.emplace_back(std::in_place, row[i]);
            }
        },
        [&](const MYSQL_FIELD* fields) {
            for (unsigned i = 0; i < count; ++i) set.columns.emplace_back(fields[i].name, fields[i].name_length);
        });
    return set;
}

void Session::Connection::take_rows(const std::function<void(const RowView&)>& row,
                                    const std::function<void(const MYSQL_FIELD*)>& columns) {
    may_have_warnings = mysql_warning_count(handle_) != 0;
    const unsigned count = mysql_field_count(handle_);
    if (count == 0) return;
    // Closing the result reads what is left of it, also where the callback throws.
    const RawResult result{mysql_use_result(handle_)};
    if (result == nullptr) fail();
    if (columns) columns(mysql_fetch_fields(result.get()));
    while (const MYSQL_ROW cells = mysql_fetch_row(result.get())) {
        row(RowView{cells, mysql_fetch_lengths(result.get()), count});
    }
    if (mysql_errno(handle_) != 0) fail();
    may_have_warnings = mysql_warning_count(handle_) != 0;
}

Executed Session::Connection::execute_bulk(std::string_view statement, std::span<const std::vector<Value>> rows) {
    if (!deferred.empty()) run({}, [](std::size_t) {});
    require_usable();
    if (rows.empty()) return {};
    current_ = statement;
    current_index_ = 0;
    if (!server.has_array_binding) throw Error{ErrorKind::internal, server.display() + " has no array binding"};
    if (!prepared_.prepare(handle_, statement) || !prepared_.execute(rows)) {
        Error error = prepared_.error(handle_);
        prepared_.forget();
        fail(std::move(error));
    }
    status_is_known_ = true;
    const Executed executed = prepared_.executed();
    may_have_warnings = executed.warnings != 0;
    return executed;
}

bool Session::Connection::in_transaction() {
    if (lost || interrupted) return false;
    // The packet of an error does not say what became of the transaction. (A ping's answer does, but the library
    // throws that away.)
    if (!status_is_known_) {
        constexpr std::string_view nothing = "DO 0";
        try {
            run_now(std::span{&nothing, 1}, [this](std::size_t) { take_answer(); });
        } catch (const Error&) {
            return false;
        }
    }
    return (handle_->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

Backslash Session::Connection::backslash() const {
    return (handle_->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) != 0 ? Backslash::is_a_character
                                                                              : Backslash::escapes;
}

void Session::Connection::interrupt() {
    interrupted = true;
    Endpoint killer = endpoint;
    killer.connect_timeout = std::min(killer.connect_timeout, time_to_kill);
    try {
        const OpenConnection connection = shake_hands(killer, time_to_kill);
        connection->query("KILL QUERY " + std::to_string(id)).execute();
    } catch (const Error&) {
        // The server is not reached, so it has to be the socket.
    }
    socket_.shut_down();
}

}  // namespace rowmill::db
