#include "web/wire.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace rowmill::web {
namespace {

constexpr std::array<std::pair<unsigned, std::string_view>, 25> reasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

std::string harmless_value(std::string value) {
    std::ranges::replace_if(
        value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return value;
}

}  // namespace

std::string_view reason_of(unsigned status) {
    const auto* found = std::ranges::find(reasons, status, &std::pair<unsigned, std::string_view>::first);
    return found == reasons.end() ? "Other" : found->second;
}

std::string head_of(const Response& response, Framing framing, bool keeps_alive, std::time_t now) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", response.status, reason_of(response.status),
                                   fmt::gmtime(now));
    for (const auto& [name, value] : response.headers) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, harmless_value(value));
    const bool has_none = response.status == 304 || response.status == 204;
    if (framing == Framing::length && !has_none) fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
    if (framing == Framing::chunked) head += "Transfer-Encoding: chunked\r\n";
    head += keeps_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

std::string chunk_head(std::size_t bytes) {
    return fmt::format("{:x}\r\n", bytes);
}

Response refusal(unsigned status) {
    return text(std::string{reason_of(status)} + "\n", status);
}

}  // namespace rowmill::web
