#include "store/store.hpp"

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

using namespace rowmill::store;

namespace {

/// Of a process whose name holds no blank.
std::uint64_t start_ticks_of(pid_t pid) {
    std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
    std::string field;
    for (int i = 0; i < 22; ++i) stat >> field;
    return std::stoull(field);
}

}  // namespace

TEST_CASE("this process knows itself and is not gone") {
    const WorkerIdentity here = this_process();
    CHECK(here.pid == static_cast<std::uint64_t>(::getpid()));
    CHECK_FALSE(here.host.empty());
    CHECK_FALSE(here.boot_id.empty());
    CHECK(here.start_ticks > 0);
    CHECK_FALSE(is_known_gone(here));
}

TEST_CASE("a process that was given the pid of an earlier one does not keep that one alive") {
    WorkerIdentity earlier = this_process();
    --earlier.start_ticks;
    CHECK(is_known_gone(earlier));
}

TEST_CASE("a process that has ended is gone, its parent having asked or not") {
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    pid_t pid = 0;
    REQUIRE(::posix_spawnp(&pid, name, nullptr, nullptr, arguments, nullptr) == 0);
    siginfo_t ended{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) == 0);

    WorkerIdentity child = this_process();
    child.pid = static_cast<std::uint64_t>(pid);
    child.start_ticks = start_ticks_of(pid);
    CHECK(is_known_gone(child));
    REQUIRE(::waitpid(pid, nullptr, 0) == pid);
    CHECK(is_known_gone(child));
}

TEST_CASE("of a process on another host, or before another boot, nothing is known") {
    WorkerIdentity other = this_process();
    other.pid = 0;
    other.host += "-other";
    CHECK_FALSE(is_known_gone(other));

    other = this_process();
    other.pid = 0;
    other.boot_id += "-other";
    CHECK_FALSE(is_known_gone(other));
}
