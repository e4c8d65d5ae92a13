#pragma once

#include "job/job.hpp"

#include <string>
#include <string_view>

namespace rowmill::job {

/// A parameter's text as a value of its type. Throws Error{usage} that begins with `where`; a secret one's text is not
/// repeated.
Value parse_param_value(const ParamSpec& spec, std::string_view text, std::string_view where);

/// The type as a job file writes it.
std::string_view name_of(ParamSpec::Type type);

}  // namespace rowmill::job
