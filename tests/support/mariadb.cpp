#include "support/mariadb.hpp"

#include "db/login.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace rowmill::test {
namespace {

/// True for a process that is gone, or dead and not yet reaped by its parent.
bool is_gone(int pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t name_end = text.rfind(')');
    return name_end == std::string::npos || text.compare(name_end, 3, ") Z") == 0;
}

}  // namespace

MariaDb::MariaDb(std::vector<std::string> server_options)
    : options_{std::move(server_options)} {
    start();
}

MariaDb::~MariaDb() {
    try {
        stop();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
}

db::Endpoint MariaDb::endpoint() const {
    return db::parse_dsn(dsn_);
}

int MariaDb::pid() const {
    std::ifstream file{folder_.path() + "/mysqld.pid"};
    int pid = 0;
    if (!(file >> pid)) throw std::runtime_error{"no server runs in " + folder_.path()};
    return pid;
}

void MariaDb::kill() {
    const int server = pid();
    ::kill(server, SIGKILL);
    if (!eventually([&] { return is_gone(server); })) throw std::runtime_error{"the server survives SIGKILL"};
}

void MariaDb::stop() {
    run_sandbox("stop");
}

void MariaDb::start() {
    dsn_ = run_sandbox("start");
}

std::string MariaDb::run_sandbox(const std::string& verb) const {
    std::vector<std::string> command{ROWMILL_SOURCE_DIR "/scripts/sandbox", verb, folder_.path()};
    if (verb == "start") {
        command.emplace_back("--");
        command.insert(command.end(), options_.begin(), options_.end());
    }
    Finished finished = run_process(command, {{{"ROWMILL_SANDBOX_OWNER", std::to_string(::getpid())}}, {}, {}});
    if (!finished.succeeded()) throw std::runtime_error{"scripts/sandbox " + verb + ": " + finished.errors};
    while (!finished.output.empty() && finished.output.back() == '\n') finished.output.pop_back();
    return finished.output;
}

}  // namespace rowmill::test
