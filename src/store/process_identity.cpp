#include "store/store.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace rowmill::store {
namespace {

struct ProcessStatus {
    char state = '?';
    std::uint64_t start_ticks = 0;
};

/// Fields 3 and 22 of /proc/<pid>/stat. The name (field 2) is in parentheses and may hold anything, parentheses too.
std::optional<ProcessStatus> status_of(std::uint64_t pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    const std::string line{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream fields{line.substr(name_end + 1)};
    ProcessStatus status;
    fields >> status.state;
    std::string passed_over;
    for (int field = 4; field < 22; ++field) fields >> passed_over;
    fields >> status.start_ticks;
    return status;
}

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

/// The boot, and the namespace that the pid counts in: containers of one host share the first only.
std::string boot_and_namespace() {
    std::string boot;
    std::getline(std::ifstream{"/proc/sys/kernel/random/boot_id"} >> std::ws, boot);
    std::array<char, 64> target{};
    const ssize_t length = ::readlink("/proc/self/ns/pid", target.data(), target.size());
    if (length > 0) boot += '/' + std::string{target.data(), static_cast<std::size_t>(length)};
    return boot;
}

}  // namespace

WorkerIdentity this_process() {
    const auto pid = static_cast<std::uint64_t>(::getpid());
    return {host_name(), boot_and_namespace(), pid, status_of(pid).value_or(ProcessStatus{}).start_ticks};
}

bool is_known_gone(const WorkerIdentity& worker) {
    const WorkerIdentity here = this_process();
    if (worker.host != here.host || worker.boot_id != here.boot_id || here.boot_id.empty()) return false;
    const auto status = status_of(worker.pid);
    // A zombie is dead too: its parent has not asked yet.
    return !status || status->start_ticks != worker.start_ticks || status->state == 'Z' || status->state == 'X';
}

}  // namespace rowmill::store
