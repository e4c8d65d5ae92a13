#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

/// One line of an option file: `name`, or `name = value`.
struct FileOption {
    std::string name;                  ///< in small letters, `_` turned to `-`, without `loose-`
    std::optional<std::string> value;  ///< unquoted, escapes resolved
    std::string where;                 ///< "FILE:LINE"

    friend bool operator==(const FileOption&, const FileOption&) = default;
};

/// The options of the groups named, in the order in which they stand, `!include` and `!includedir` followed; as MySQL's
/// clients read such files. Throws Error{usage} for a line outside of any group, a group without its `]`, and files
/// that include each other for ever. An included file that is missing or unreadable is an error too.
std::vector<FileOption> read_option_file(const std::string& path, const std::vector<std::string>& groups);

/// Whether anybody may write to the file: MySQL's clients do not believe such a one.
bool is_world_writable(const std::string& path);

/// `~` and `~/…` as the user's home folder; other paths as they are.
std::string expand_home(const std::string& path);

}  // namespace rowmill::db
