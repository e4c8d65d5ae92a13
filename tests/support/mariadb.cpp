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

int number_in(const std::string& path) {
    std::ifstream file{path};
    int number = 0;
    if (!(file >> number)) throw std::runtime_error{"there is no number in " + path};
    return number;
}

}  // namespace

MariaDb::MariaDb(std::vector<std::string> server_options) : MariaDb{{"start"}, std::move(server_options)} {}

MariaDb::MariaDb(const std::vector<std::string>& first_start, std::vector<std::string> server_options,
                 const std::string& parent)
    : options_{std::move(server_options)}, folder_{parent} {
    run_server(first_start);
}

MariaDb MariaDb::primary(std::vector<std::string> server_options) {
    return {{"start", "--primary"}, std::move(server_options)};
}

MariaDb MariaDb::in(const std::string& parent, std::vector<std::string> server_options) {
    return {{"start"}, std::move(server_options), parent};
}

MariaDb MariaDb::replica_of(const MariaDb& primary, std::vector<std::string> server_options) {
    return {{"replica", primary.folder()}, std::move(server_options)};
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

int MariaDb::pid() const { return number_in(folder() + "/mysqld.pid"); }

unsigned MariaDb::port() const { return static_cast<unsigned>(number_in(folder() + "/port")); }

void MariaDb::kill() {
    const int server = pid();
    ::kill(server, SIGKILL);
    if (!eventually([&] { return is_gone(server); })) throw std::runtime_error{"the server survives SIGKILL"};
}

void MariaDb::stop() { run_sandbox({"stop"}); }

void MariaDb::start() { run_server({"start"}); }

void MariaDb::promote() { run_sandbox({"promote"}); }

void MariaDb::run_server(std::vector<std::string> verb) {
    verb.emplace_back("--");
    verb.insert(verb.end(), options_.begin(), options_.end());
    dsn_ = run_sandbox(std::move(verb));
}

std::string MariaDb::run_sandbox(std::vector<std::string> verb) const {
    std::vector<std::string> command{ROWMILL_SOURCE_DIR "/scripts/sandbox", verb.front(), folder()};
    command.insert(command.end(), verb.begin() + 1, verb.end());
    Finished finished = run_process(command, {{{"ROWMILL_SANDBOX_OWNER", std::to_string(::getpid())}}, {}, {}});
    if (!finished.succeeded()) throw std::runtime_error{"scripts/sandbox " + verb.front() + ": " + finished.errors};
    while (!finished.output.empty() && finished.output.back() == '\n') finished.output.pop_back();
    return finished.output;
}

}  // namespace rowmill::test
