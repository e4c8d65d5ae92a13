#pragma once

#include <string>

namespace rowmill {

/// 128 random bits in hex. Thread-safe.
std::string random_token();

}  // namespace rowmill
