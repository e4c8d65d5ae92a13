#pragma once

#include <string_view>

namespace rowmill::job {

/// What is wrong with the name of a header that a job is to send, to be said behind it: "is not the name of a header". Empty: nothing.
std::string_view fault_of_header_name(std::string_view name);

}  // namespace rowmill::job
