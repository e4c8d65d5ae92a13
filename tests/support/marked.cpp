#include "support/marked.hpp"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rowmill::test {
namespace {

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

Mark::Mark() {
    static std::atomic<unsigned> count{0};
    value_ = std::to_string(::getpid()) + "." + std::to_string(++count);
}

std::vector<pid_t> Mark::processes() const {
    // A variable stands between zero bytes; a process that has ended has none any more.
    const std::string sought = '\0' + variable() + '\0';
    std::vector<pid_t> found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{"/proc", error}, end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{} || pid == ::getpid())
            continue;
        if (('\0' + read_all(entry->path() / "environ")).find(sought) != std::string::npos) found.push_back(pid);
    }
    return found;
}

}  // namespace rowmill::test
