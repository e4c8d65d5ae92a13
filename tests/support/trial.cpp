#include "support/trial.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace rowmill::test {
Trial::Trial(std::string dsn, std::string store_schema, const std::string& job)
    : dsn_{std::move(dsn)}, store_schema_{std::move(store_schema)} {
    set_job(job);
}

void Trial::set_job(const std::string& job) const {
    std::ofstream file{folder_.path() + "/job.toml"};
    file << job;
    if (!file.flush()) throw std::runtime_error{"the job file can't be written"};
}

std::unique_ptr<Process> Trial::start(const std::vector<std::string>& flags, const std::string& failpoint) const {
    std::vector<std::string> arguments{folder_.path() + "/job.toml"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return start_command("run", std::move(arguments), failpoint);
}

Finished Trial::run(const std::vector<std::string>& flags, const std::string& failpoint) const {
    return start(flags, failpoint)->wait();
}

boost::json::object Trial::status() const {
    const Finished finished = command("status", {"--json"});
    if (!finished.succeeded())
        throw std::runtime_error{"rowmill status: " + finished.how() + "\n" + finished.errors};
    return boost::json::parse(finished.output).as_object();
}

Finished Trial::command(const std::string& verb, const std::vector<std::string>& arguments) const {
    return start_command(verb, arguments, {})->wait();
}

std::unique_ptr<Process> Trial::start_command(const std::string& verb, std::vector<std::string> arguments,
                                              const std::string& failpoint) const {
    arguments.insert(arguments.begin(), verb);
    arguments.insert(arguments.end(), {"--store-schema", store_schema_});
    // The user's own option files are kept out of it.
    ProcessOptions options{
        {{"HOME", "/nonexistent"}, {"ROWMILL_DSN", dsn_}, {"ROWMILL_FAILPOINT", failpoint}}, {}, {}};
    options.environment.insert(variables_.begin(), variables_.end());
    return std::make_unique<Process>(rowmill_command(arguments), options);
}

std::string dsn_with_database(const std::string& dsn, const std::string& database) {
    const std::size_t query = dsn.find('?');
    const std::size_t path = dsn.find('/', dsn.find("//") + 2);
    return dsn.substr(0, std::min(path, query)) + "/" + database +
           (query == std::string::npos ? std::string{} : dsn.substr(query));
}

}  // namespace rowmill::test
