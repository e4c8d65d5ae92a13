#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rowmill::process {

/// The last line that holds more than blanks, without those around it. Empty where there is none.
std::string_view last_line(std::string_view text);

/// A line as it may stand in a log or a report: control characters, and bytes that are not UTF-8, become `?`; what is
/// longer than `limit` bytes is cut between characters and ends in `…`.
std::string printable(std::string_view line, std::size_t limit);

}  // namespace rowmill::process
