#pragma once

#include <rowmill/error.hpp>

#include <string>
#include <string_view>

namespace rowmill::db {

/// What is to be done about a server's (or the client library's) error number; numbers that are not
/// known count as fatal.
ErrorKind kind_of(int server_code);

/// The same where the SQLSTATE is known too: its class decides on numbers that are not known by themselves.
ErrorKind kind_of(int server_code, std::string_view sqlstate);

/// The same where the server's sentence is known too, which alone tells of a full disk in many of the errors that have one.
ErrorKind kind_of(int server_code, std::string_view sqlstate, std::string_view message);

/// Warnings of a kind that lose data: truncation, out of range, what IGNORE-like statements swallow.
bool loses_data(int warning_code);

/// The beginning of a statement, on one line, at most about 200 bytes and never half a character: what errors and logs
/// show.
std::string shortened(std::string_view statement);

/// The error of a server's answer: what it said, its number and SQLSTATE, and the statement.
Error server_error(int server_code, std::string_view sqlstate, std::string_view message, std::string_view statement);

/// The sentence of such an error without the statement at its end, for where the reader has written the statement, and is
/// told its place.
std::string without_statement(const Error& error);

}  // namespace rowmill::db
