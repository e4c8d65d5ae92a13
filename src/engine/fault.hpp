#pragma once

#include <rowmill/error.hpp>

namespace rowmill::engine {

/// The exception being handled, as an Error; what is not one of ours is `internal`. Only inside a catch block.
Error current_error();

}  // namespace rowmill::engine
