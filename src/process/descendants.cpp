#include "process/descendants.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unordered_map>

namespace rowmill::process {
namespace {

struct Stat {
    char state = ' ';
    pid_t parent = 0;
};

std::optional<Stat> read_stat(const std::filesystem::path& folder) {
    std::ifstream file{folder / "stat"};
    std::string line;
    // The program's name stands in parentheses and may hold anything, line ends included.
    std::getline(file, line, '\0');
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos || name_end + 4 > line.size()) return {};
    Stat stat{line[name_end + 2], 0};
    std::from_chars(line.data() + name_end + 4, line.data() + line.size(), stat.parent);
    return stat;
}

using Children = std::unordered_multimap<pid_t, pid_t>;

Children read_children() {
    Children children;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{"/proc", error}, end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{}) continue;
        const std::optional<Stat> stat = read_stat(entry->path());
        if (stat && stat->state != 'Z' && stat->state != 'X') children.emplace(stat->parent, pid);
    }
    return children;
}

void reap() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

void wait_for_an_end() {
    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGCHLD);
    // The end of a grandchild is told to its parent only, so that it is looked for again soon.
    const timespec soon{0, 5'000'000};
    ::sigtimedwait(&ends, nullptr, &soon);
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t ancestor) {
    const Children children = read_children();
    std::vector<pid_t> found{ancestor};
    for (std::size_t next = 0; next < found.size(); ++next) {
        const auto [first, last] = children.equal_range(found[next]);
        for (auto child = first; child != last; ++child) found.push_back(child->second);
    }
    found.erase(found.begin());
    return found;
}

void kill_descendants() {
    while (true) {
        bool any = false;
        for (const pid_t pid : descendants_of(::getpid())) any |= ::kill(pid, SIGKILL) == 0;
        reap();
        if (!any) return;
        wait_for_an_end();
    }
}

}  // namespace rowmill::process
