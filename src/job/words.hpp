#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// `"a", "b" or "c"`, with ` or ` as the last separator; the others are commas.
std::string join_quoted(const std::vector<std::string>& words, std::string_view last_separator);

/// `; did you mean "statement"?`, or nothing where no known word is close.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace rowmill::job
