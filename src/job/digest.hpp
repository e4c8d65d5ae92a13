#pragma once

#include <string>
#include <string_view>

namespace rowmill::job {

/// SHA-256 as 64 hex digits.
std::string sha256(std::string_view bytes);

}  // namespace rowmill::job
