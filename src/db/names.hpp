#pragma once

#include "db/endpoint.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

// What the DSN, the option files and the flags say, read alike. All throw Error{usage}; `where` names the place.

/// "DISABLED", "verify-ca" …: case, `-` and `_` do not matter.
SslMode parse_ssl_mode(std::string_view text, std::string_view where);
/// 1 … 65535
unsigned parse_port(std::string_view text, std::string_view where);
/// Whole seconds, at least one.
std::chrono::milliseconds parse_seconds(std::string_view text, std::string_view where);

/// `, did you mean "ssl-mode"?` for a word that is close to a known one, else `; known are …`.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace rowmill::db
