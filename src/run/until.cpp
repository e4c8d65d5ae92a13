#include "run/until.hpp"

#include "throttle/opening_hours.hpp"

#include <rowmill/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace rowmill::run {
namespace {

bool is_time(const std::string& text) {
    const auto digit = [&](std::size_t at) { return std::isdigit(static_cast<unsigned char>(text[at])) != 0; };
    return text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4) && text < "24:00" && text[3] < '6';
}

/// So that a time that the clocks leave out is still inside of the hours when they have been put forward.
std::string half_a_day_after(const std::string& time) {
    return fmt::format("{:02}:{}", (std::stoi(time.substr(0, 2)) + 12) % 24, time.substr(3));
}

}  // namespace

Until next_time(const std::string& text, std::chrono::sys_seconds now) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string time = text.substr(0, space), zone = text.substr(space);
    if (!is_time(time))
        throw Error{ErrorKind::usage, "--until " + text + " is no time of day; it looks like 05:00, or \"05:00 Europe/Berlin\""};
    try {
        const auto hours = throttle::OpeningHours::parse(time + "-" + half_a_day_after(time) + zone);
        const auto next = hours.next_opening(now);
        return {next, hours.display(next)};
    } catch (const Error&) {
        throw Error{ErrorKind::usage, "--until " + text + " is of a time zone that this system does not know (tzdata)"};
    }
}

}  // namespace rowmill::run
