#pragma once

#include <rowmill/error.hpp>

#include <string>
#include <string_view>

namespace rowmill::db {

/// What is to be done about a server's (or the client library's) error number.
ErrorKind kind_of(int server_code);

/// Warnings of a kind that lose data: truncation, out of range, what IGNORE-like statements swallow.
bool loses_data(int warning_code);

}  // namespace rowmill::db
