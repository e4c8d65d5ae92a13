#pragma once

#include "http/request.hpp"

#include <rowmill/error.hpp>
#include <rowmill/outcome.hpp>

#include <chrono>
#include <variant>

namespace rowmill::action {

/// What a server's answer means for the row: 2xx a success; 408, 425, 429 and 5xx another attempt, after the server's
/// Retry-After where it says one; anything else a failure, redirects too. The class is "http 404". Pure.
Outcome outcome_of(const http::Response& response, std::chrono::system_clock::time_point now);

/// What it means that no whole answer came: another attempt, but for an answer without end and a URL that is none (a
/// failure), and for a bad certificate: that is the run's fault, Error{fatal}, as it would be every row's. `origin`:
/// "https://host:443". Pure.
std::variant<Outcome, Error> outcome_of(const http::Fault& fault, const std::string& origin);

/// The first line of a body that says something, for a sentence: at most 200 bytes, without control characters.
std::string first_line(std::string_view body);

}  // namespace rowmill::action
