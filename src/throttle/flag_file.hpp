#pragma once

#include "throttle/throttle.hpp"

#include <memory>

namespace rowmill::throttle {

/// Waits while the file is there, whatever is in it.
std::unique_ptr<Throttle> flag_file(std::string path);

}  // namespace rowmill::throttle
