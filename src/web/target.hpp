#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rowmill::web {

/// What a request line asks for, decoded.
struct Target {
    std::string path;
    std::map<std::string, std::string> query;
};

/// "/runs/7?class=timeout". Absent: it is none that a site answers. A path begins with "/", decodes to UTF-8 without control characters
/// and backslashes, and has no empty, "." or ".." part, before and after decoding: so that it means the same to whoever reads it.
std::optional<Target> read_target(std::string_view text);

/// "a=1&b=two+words" as the URL standard decodes it: what is no valid escape stands for itself; of a name that is there twice, the last.
std::map<std::string, std::string, std::less<>> read_form(std::string_view text);

/// The path as it stands in a URL: all but its slashes and unreserved characters as %XX.
std::string encoded_path(std::string_view path);

}  // namespace rowmill::web
