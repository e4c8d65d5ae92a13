#pragma once

#include <string>
#include <string_view>

namespace rowmill::process {

/// Where a command lies, or why it can't be run.
struct CommandPath {
    std::string path;  ///< empty where it can't be run
    int error = 0;     ///< then: ENOENT, EACCES …
};

/// A name with a slash is a path; another is looked for in `search`, folders with colons between them, as PATH is.
CommandPath find_command(const std::string& name, std::string_view search);

}  // namespace rowmill::process
