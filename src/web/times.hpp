#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rowmill::web {

/// Seconds since 1970 of a UTC time as RFC 3339 writes it; absent where it is none.
std::optional<double> seconds_of(std::string_view time);
/// "2026-11-22 09:39:18 UTC"; what is no time stays as it is, the empty text too.
std::string time_text(std::string_view time);
/// "2026-11-22 09:39"
std::string minute_text(std::string_view time);
/// "09:39:18"
std::string clock_text(std::string_view time);
/// "3.2 ms", "1.5 s": what one batch or one call takes.
std::string latency_text(double seconds);

}  // namespace rowmill::web
