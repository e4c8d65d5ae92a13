#include "http/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace rowmill::http {
namespace {

using std::chrono::seconds;

std::optional<seconds> sensible(seconds asked) {
    if (asked <= seconds{0}) return std::nullopt;
    return std::min(asked, seconds{std::chrono::hours{1}});
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<seconds> parse_retry_after(std::string_view header, std::chrono::system_clock::time_point now) {
    if (header.empty()) return std::nullopt;
    if (std::ranges::all_of(header, is_digit)) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), number);
        return sensible(error == std::errc{} ? seconds{number} : seconds::max());
    }
    const std::time_t date = ::curl_getdate(std::string{header}.c_str(), nullptr);
    if (date == -1) return std::nullopt;
    return sensible(std::chrono::ceil<seconds>(std::chrono::system_clock::from_time_t(date) - now));
}

}  // namespace rowmill::http
