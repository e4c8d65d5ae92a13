#pragma once

#include "db/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rowmill::db {

/// What the command line said of the connection; absent where it said nothing.
struct LoginFlags {
    std::optional<std::string> host, user, socket, database, password_file, defaults_file, ssl_mode, dsn;
    std::optional<unsigned> port;
};

/// Parses `mysql://user:password@host:port/database?socket=…&ssl-mode=…&ssl-ca=…` (percent-encoded).
/// Throws Error{usage} that never repeats the password.
Endpoint parse_dsn(std::string_view dsn, Endpoint base = {});

/// Puts an endpoint together as MySQL's own clients do. Later wins: `[client]` and `[rowmill]` of the
/// option files (`/etc/mysql/my.cnf`, `/etc/my.cnf`, `~/.my.cnf`, or `--defaults-file` alone, with
/// `!include` and `!includedir`), ROWMILL_DSN, flags. The user defaults to the login name.
Endpoint resolve_login(const LoginFlags& flags);

}  // namespace rowmill::db
