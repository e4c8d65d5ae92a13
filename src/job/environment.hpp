#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace rowmill::job {

/// What `NAME` of a `${NAME}` stands for: that environment variable, or for `file:PATH` the first line of that file.
/// Throws Error{usage} where there is none; the message tells the name, never what it holds.
std::string look_up(const std::string& name, std::string_view where);

/// The text with each `${NAME}` replaced by what `substitute` gives for its name; `$${` is a `${` that nothing is put
/// in for. Throws Error{usage} for a `${` that is not closed.
std::string substitute_names(std::string_view text, std::string_view where,
                             const std::function<std::string(const std::string& name)>& substitute);

/// Both: the text with what its names stand for.
std::string expand_environment(std::string_view text, std::string_view where);

}  // namespace rowmill::job
