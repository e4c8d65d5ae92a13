#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rowmill::http {

/// How long a server asks to be left alone, by its Retry-After header (RFC 9110, 10.2.3): seconds, or a date. At most
/// an hour. None for what is neither, and for a time that is already over: those who take it at its word would ask
/// without pause.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view header,
                                                      std::chrono::system_clock::time_point now);

}  // namespace rowmill::http
