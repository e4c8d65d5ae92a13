#pragma once

#include <string>
#include <string_view>

namespace rowmill::http {

/// The bytes as they may stand anywhere in a URL, or in a form's body: all but unreserved characters (RFC 3986:
/// letters, digits, "-", ".", "_", "~") as %XX.
std::string percent_encoded(std::string_view bytes);

}  // namespace rowmill::http
