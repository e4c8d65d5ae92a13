#include "process/command_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace rowmill::process {
namespace {

/// 0, or why the file can't be run.
int obstacle_to(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return errno;
    if (!S_ISREG(status.st_mode)) return EACCES;
    return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

}  // namespace

CommandPath find_command(const std::string& name, std::string_view search) {
    if (name.empty()) return {{}, ENOENT};
    if (name.find('/') != std::string::npos) {
        const int error = obstacle_to(name);
        return {error == 0 ? name : std::string{}, error};
    }
    int error = ENOENT;
    while (true) {
        const std::size_t colon = search.find(':');
        std::string folder{search.substr(0, colon)};
        if (folder.empty()) folder.assign(1, '.');
        const std::string path = folder + "/" + name;
        const int found = obstacle_to(path);
        if (found == 0) return {path, 0};
        // A file that may not be run tells more than that the other folders have none.
        if (found == EACCES) error = EACCES;
        if (colon == std::string_view::npos) return {{}, error};
        search.remove_prefix(colon + 1);
    }
}

}  // namespace rowmill::process
