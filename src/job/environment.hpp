#pragma once

#include <string>
#include <string_view>

namespace rowmill::job {

/// The text with each `${NAME}` replaced by that environment variable. Throws Error{usage} for one that is not set,
/// or not closed; the message names variables, never what they hold.
std::string expand_environment(std::string_view text, std::string_view where);

}  // namespace rowmill::job
