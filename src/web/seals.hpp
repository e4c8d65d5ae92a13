#pragma once

#include <string>
#include <string_view>

namespace rowmill::web {

/// Compares in a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view one, std::string_view other);

/// HMAC-SHA256 of the text under the key, in hex: only who has the key can make it.
std::string seal(std::string_view key, std::string_view text);

}  // namespace rowmill::web
