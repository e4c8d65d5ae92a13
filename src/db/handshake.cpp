#include "db/handshake.hpp"

#include "db/errors.hpp"
#include "db/session.hpp"

#include <mysql++.h>
// After mysql++.h, which it needs.
#include <dbdriver.h>
#include <errmsg.h>
#include <unistd.h>

#include <algorithm>

namespace rowmill::db {
namespace {

/// mysql++ keeps the C library's handle private, and does not close it where connecting fails, so that each attempt to
/// reach a lost server would leak. An explicit instantiation may name what is private; a mysql++ that names it
/// otherwise does not compile.
template <MYSQL mysqlpp::DBDriver::*Member>
struct PrivateHandle {
    friend MYSQL& handle_in(mysqlpp::DBDriver& driver) { return driver.*Member; }
};
MYSQL& handle_in(mysqlpp::DBDriver& driver);
template struct PrivateHandle<&mysqlpp::DBDriver::mysql_>;

/// An option of the C library that mysql++ has no class for. What `value` points at must outlive the connecting.
class LibraryOption : public mysqlpp::Option {
public:
    LibraryOption(mysql_option option, const void* value) : option_{option}, value_{value} {}
    Error set(mysqlpp::DBDriver* driver) override {
        return driver->set_option(option_, value_) ? err_NONE : err_api_reject;
    }

private:
    mysql_option option_;
    const void* value_;
};

/// Timeouts of the C library are whole seconds.
unsigned whole_seconds(std::chrono::milliseconds time) {
    return static_cast<unsigned>(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
}

bool is_local(const Endpoint& endpoint) {
    return !endpoint.socket.empty() || endpoint.host.empty() || endpoint.host == "localhost";
}

/// Over a unix socket nobody listens: like MySQL's own clients, "preferred" does not encrypt there.
bool asks_for_tls(const Endpoint& endpoint) {
    if (endpoint.ssl_mode == SslMode::disabled) return false;
    return endpoint.ssl_mode != SslMode::preferred || !is_local(endpoint);
}

/// The library would say "TLS error", as it does of a network that failed.
void check_readable(const std::string& path) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return;
    throw Error{ErrorKind::usage, "cannot read " + path + ", which TLS needs"};
}

void check_tls(const Endpoint& endpoint) {
    if (!asks_for_tls(endpoint)) return;
    for (const auto* path : {&endpoint.ssl_ca, &endpoint.ssl_cert, &endpoint.ssl_key}) check_readable(*path);
    if (endpoint.ssl_mode == SslMode::verify_ca && endpoint.ssl_ca.empty()) {
        throw Error{ErrorKind::usage, "ssl-mode=verify_ca needs ssl-ca, the file of the authority to trust"};
    }
}

void set_tls(mysqlpp::Connection& connection, const Endpoint& endpoint) {
    static constexpr my_bool yes = 1;
    if (!asks_for_tls(endpoint)) return;
    // Without a CA file the library encrypts and does not verify; with one it verifies the chain, and with
    // VERIFY_SERVER_CERT the host's name too.
    const bool verifies = endpoint.ssl_mode >= SslMode::verify_ca;
    const auto text = [](const std::string& path) { return path.empty() ? nullptr : path.c_str(); };
    connection.set_option(new mysqlpp::SslOption(text(endpoint.ssl_key), text(endpoint.ssl_cert),
                                                 verifies ? text(endpoint.ssl_ca) : nullptr));
    connection.set_option(new LibraryOption(MYSQL_OPT_SSL_ENFORCE, &yes));
    if (endpoint.ssl_mode == SslMode::verify_identity) {
        connection.set_option(new LibraryOption(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes));
    }
}

[[noreturn]] void refuse(const Endpoint& endpoint, int code, const std::string& message) {
    ErrorKind kind = kind_of(code);
    if (code == CR_SSL_CONNECTION_ERROR && message.find("ertificate") != std::string::npos) kind = ErrorKind::usage;
    const bool may_pass =
        kind == ErrorKind::disconnected || kind == ErrorKind::overloaded || kind == ErrorKind::failover;
    Error error{may_pass ? kind : ErrorKind::usage,
                "could not connect to " + endpoint.display() + ": " + message + " (" + std::to_string(code) + ")"};
    error.server_code = code;
    throw error;
}

}  // namespace

void ConnectionCloser::operator()(mysqlpp::Connection* connection) const {
    delete connection;
}

OpenConnection shake_hands(const Endpoint& endpoint, std::optional<std::chrono::milliseconds> answer_within) {
    check_tls(endpoint);
    OpenConnection connection{new mysqlpp::Connection(false)};
    const unsigned seconds = whole_seconds(endpoint.connect_timeout);
    connection->set_option(new mysqlpp::ConnectTimeoutOption(seconds));
    if (answer_within) connection->set_option(new mysqlpp::ReadTimeoutOption(whole_seconds(*answer_within)));
    connection->set_option(new mysqlpp::SetCharsetNameOption("utf8mb4"));
    connection->set_option(new mysqlpp::FoundRowsOption(true));
    connection->set_option(new mysqlpp::MultiStatementsOption(true));
    static constexpr unsigned no = 0;
    connection->set_option(new LibraryOption(MYSQL_OPT_LOCAL_INFILE, &no));
    set_tls(*connection, endpoint);

    const char* host = endpoint.host.empty() ? "localhost" : endpoint.host.c_str();
    const char* socket = endpoint.socket.empty() ? nullptr : endpoint.socket.c_str();
    if (socket != nullptr) host = "localhost";
    const char* database = endpoint.database.empty() ? nullptr : endpoint.database.c_str();
    if (!connection->driver()->connect(host, socket, endpoint.port, database, endpoint.user.c_str(),
                                       endpoint.password.c_str())) {
        const int code = connection->errnum();
        const std::string message = connection->error();
        mysql_close(handle_of(*connection));
        refuse(endpoint, code, message);
    }
    return connection;
}

st_mysql* handle_of(mysqlpp::Connection& connection) {
    return &handle_in(*connection.driver());
}

}  // namespace rowmill::db
