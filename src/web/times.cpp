#include "web/times.hpp"

#include "progress/figures.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>

namespace rowmill::web {
namespace {

std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits) {
    unsigned number = 0;
    const char* begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + digits, number);
    if (error != std::errc{} || end != begin + digits) return std::nullopt;
    return number;
}

}  // namespace

std::optional<double> seconds_of(std::string_view time) {
    constexpr std::string_view shape = "0000-00-00T00:00:00";
    if (time.size() < shape.size()) return std::nullopt;
    const auto year = number_at(time, 0, 4), month = number_at(time, 5, 2), day = number_at(time, 8, 2);
    const auto hour = number_at(time, 11, 2), minute = number_at(time, 14, 2), second = number_at(time, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                                           std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    double fraction = 0;
    if (time.size() > shape.size() && time[shape.size()] == '.')
        std::from_chars(time.data() + shape.size(), time.data() + time.size(), fraction);
    const auto days = std::chrono::sys_days{date}.time_since_epoch();
    return static_cast<double>(std::chrono::seconds{days}.count() + *hour * 3600 + *minute * 60 + *second) + fraction;
}

std::string time_text(std::string_view time) {
    if (!seconds_of(time)) return std::string{time};
    return fmt::format("{} {} UTC", time.substr(0, 10), time.substr(11, 8));
}

std::string minute_text(std::string_view time) {
    if (!seconds_of(time)) return std::string{time};
    return fmt::format("{} {}", time.substr(0, 10), time.substr(11, 5));
}

std::string clock_text(std::string_view time) {
    return std::string{seconds_of(time) ? time.substr(11, 8) : time};
}

std::string latency_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return "?";
    if (seconds < 0.00995) return fmt::format("{:.1f} ms", seconds * 1000);
    if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
    return progress::duration_text(seconds);
}

}  // namespace rowmill::web
