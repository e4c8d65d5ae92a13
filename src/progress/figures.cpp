#include "progress/figures.hpp"

#include "progress/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rowmill::progress {
namespace {

constexpr double minute = 60, hour = 3600, day = 86400;
constexpr double longest_eta = 1000 * day;

std::string two_units(double seconds, double unit, double part, const char* unit_name, const char* part_name) {
    const double whole = std::floor(seconds / unit);
    const double rest = std::floor((seconds - whole * unit) / part);
    return rest == 0 ? fmt::format("{:.0f} {}", whole, unit_name)
                     : fmt::format("{:.0f} {} {:.0f} {}", whole, unit_name, rest, part_name);
}

}  // namespace

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string rate_text(double per_second) {
    if (!std::isfinite(per_second) || per_second <= 0) return "0";
    if (per_second < 9.95) return fmt::format("{:.1f}", per_second);
    return grouped(static_cast<std::uint64_t>(std::min(std::round(per_second), 1e18)));
}

std::string duration_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return "?";
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (seconds < 2 * minute - 0.5) return fmt::format("{:.0f} s", seconds);
    if (seconds < 2 * hour) return two_units(seconds, minute, 1, "min", "s");
    if (seconds < 2 * day) return two_units(seconds, hour, minute, "h", "min");
    return two_units(seconds, day, hour, "d", "h");
}

std::optional<double> shown_percent(const Snapshot& now) {
    if (now.state == "succeeded") return 100.0;
    std::optional<double> percent = now.percent;
    if (!percent && now.total) {
        percent = *now.total == 0 ? 0.0 : 100.0 * static_cast<double>(now.settled) / static_cast<double>(*now.total);
    }
    if (!percent || !std::isfinite(*percent)) return std::nullopt;
    // The small addition undoes the error of a tenth that binary fractions can't hold: 29.3 * 10 is 292.99….
    return std::clamp(std::floor(*percent * 10 + 1e-6) / 10, 0.0, 99.9);
}

std::string percent_text(double percent) {
    return percent >= 100 ? "100%" : fmt::format("{:.1f}%", percent);
}

std::optional<double> shown_eta(const Snapshot& now) {
    const bool sensible =
        now.eta_seconds && std::isfinite(*now.eta_seconds) && *now.eta_seconds >= 0 && *now.eta_seconds < longest_eta;
    // Where nobody works, nobody knows when it will be done.
    const bool is_worked_on = now.state.empty() || now.state == "running";
    return sensible && is_worked_on ? now.eta_seconds : std::nullopt;
}

std::string why_waiting(const Snapshot& now) {
    if (!now.waiting_for.empty()) return "waiting: " + harmless(now.waiting_for);
    return now.state.empty() || now.state == "running" ? std::string{} : harmless(now.state);
}

std::string dead_letters_text(std::uint64_t count) {
    return grouped(count) + (count == 1 ? " dead letter" : " dead letters");
}

}  // namespace rowmill::progress
