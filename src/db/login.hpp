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

/// Parses `mysql://user:password@host:port/database?socket=…&ssl-mode=…&ssl-ca=…` (percent-encoded; an IPv6 address in
/// brackets; also ssl-cert, ssl-key, connect-timeout in seconds). What it leaves out is taken from `base`; a host that
/// it names replaces the base's socket. `ssl-ca` without `ssl-mode` means verify_ca. Throws Error{usage} that never
/// repeats the password.
Endpoint parse_dsn(std::string_view dsn, Endpoint base = {});

/// Puts an endpoint together as MySQL's own clients do. Later wins: `[client]` and `[rowmill]` of the
/// option files (`/etc/my.cnf`, `/etc/mysql/my.cnf`, `~/.my.cnf`, or `--defaults-file` alone, with
/// `!include` and `!includedir`), ROWMILL_DSN (or `flags.dsn` in its place), flags. The user defaults to the login
/// name. `localhost` is the local socket, whatever the port; 127.0.0.1 is TCP. Throws Error{usage} for what can't be
/// read, for a `--defaults-file` that anybody may write, and for a
/// `--password-file` (its first line is the password) that anybody may read.
Endpoint resolve_login(const LoginFlags& flags);

}  // namespace rowmill::db
