#include "throttle/opening_hours.hpp"

#include <rowmill/error.hpp>

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

namespace rowmill::throttle {
namespace {

using std::chrono::minutes;

constexpr minutes day_length = std::chrono::hours{24};
constexpr std::string_view own_file = "/etc/localtime", zone_files = "/usr/share/zoneinfo/";

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error{ErrorKind::usage, "throttle.window: \"" + std::string{text} + "\" " + why +
                                      "; it looks like \"01:00-05:00\", or \"22:00-06:00 Europe/Berlin\""};
}

std::optional<unsigned> two_digits(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.size() != 2 || error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

/// 24:00 is the end of a day.
std::optional<minutes> time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return {};
    const auto hour = two_digits(text.substr(0, 2)), minute = two_digits(text.substr(3));
    if (!hour || !minute || *minute > 59) return {};
    const minutes time = std::chrono::hours{*hour} + minutes{*minute};
    if (time > day_length) return {};
    return time;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

const date::time_zone* zone_named(std::string_view name, std::string_view window) {
    try {
        return date::locate_zone(std::string{name});
    } catch (const std::exception&) {
        refuse(window, "names the time zone " + std::string{name} + ", which this system does not know (tzdata)");
    }
}

/// As the C library finds it: TZ, which may name a file, else /etc/localtime, else UTC.
const date::time_zone* own_zone(std::string_view window) {
    const char* variable = std::getenv("TZ");
    std::string_view name = variable == nullptr ? "" : variable;
    if (name.starts_with(':')) name.remove_prefix(1);
    if (name.starts_with(zone_files)) name.remove_prefix(zone_files.size());
    if (!name.empty() && name != own_file) return zone_named(name, window);
    std::error_code none;
    if (!std::filesystem::exists(own_file, none)) return zone_named("Etc/UTC", window);
    try {
        return date::current_zone();
    } catch (const std::exception&) {
        refuse(window, "names no time zone, and that of this system can't be found: name one");
    }
}

}  // namespace

OpeningHours OpeningHours::parse(std::string_view text) {
    const std::string_view whole = trimmed(text);
    const std::size_t space = std::min(whole.find(' '), whole.size());
    const std::string_view span = whole.substr(0, space), zone = trimmed(whole.substr(space));
    const std::size_t dash = std::min(span.find('-'), span.size());
    const auto opens = time_of_day(span.substr(0, dash));
    const auto closes = dash < span.size() ? time_of_day(span.substr(dash + 1)) : std::nullopt;
    if (!opens || !closes || *opens == day_length) refuse(text, "is no span of a day");
    if (*opens == *closes) refuse(text, "is never open");
    OpeningHours hours;
    hours.opens_ = *opens;
    hours.closes_ = *closes;
    hours.zone_ = zone.empty() ? own_zone(text) : zone_named(zone, text);
    hours.text_ = std::string{span} + " " + hours.zone_->name();
    return hours;
}

bool OpeningHours::is_open(Time now) const {
    const auto local = zone_->to_local(now);
    const auto since_midnight = local - date::floor<date::days>(local);
    if (opens_ < closes_) return since_midnight >= opens_ && since_midnight < closes_;
    return since_midnight >= opens_ || since_midnight < closes_;
}

OpeningHours::Time OpeningHours::next_opening(Time now) const {
    // An hour that comes twice opens twice; one that is left out opens when the clocks are put forward, or not at all.
    constexpr int days_ahead = 8;
    const auto today = date::floor<date::days>(zone_->to_local(now));
    for (int day = -1; day < days_ahead; ++day) {
        const auto opening = today + date::days{day} + opens_;
        for (const auto choice : {date::choose::earliest, date::choose::latest}) {
            const Time time = date::floor<std::chrono::seconds>(zone_->to_sys(opening, choice));
            if (time > now && is_open(time)) return time;
        }
    }
    return now + date::days{days_ahead};
}

std::string OpeningHours::display(Time time) const {
    return date::format("%F %H:%M %Z", date::make_zoned(zone_, time));
}

}  // namespace rowmill::throttle
