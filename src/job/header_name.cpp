#include "job/header_name.hpp"

#include "job/sql_token.hpp"

#include <algorithm>
#include <array>

namespace rowmill::job {
namespace {

/// RFC 9110, 5.6.2: a token.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    const auto fits = [marks](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

constexpr std::array own{"Content-Length", "Transfer-Encoding", "Connection"};

}  // namespace

std::string_view fault_of_header_name(std::string_view name) {
    if (!is_token(name)) return "is not the name of a header";
    if (std::ranges::any_of(own, [name](const char* each) { return same_name(name, each); })) return "is set by rowmill; leave it out";
    return {};
}

}  // namespace rowmill::job
