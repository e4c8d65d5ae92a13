#include "cli/command.hpp"
#include "run/steering.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "What can be set: concurrency, rate, batch, target_time, and the keys of [throttle], such as max_lag, window or nice;\n"
    "each as in a job file, for each of the run's processes. Nothing after the = turns a throttle off. What is set stays\n"
    "with the run when it is resumed; a flag of a later run wins over it.\n\n"
    "Examples:\n"
    "  rowmill set 7 rate=500 concurrency=32\n"
    "  rowmill set 7 max_lag=2s 'window=01:00-05:00'\n"
    "  rowmill set 7 window=\n";

struct Flags {
    ConnectionFlags connection;
    std::uint64_t run = 0;
    std::vector<std::string> settings;
};

job::Overrides split(const std::vector<std::string>& settings) {
    job::Overrides split;
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos)
            throw Error{ErrorKind::usage, setting + " sets nothing: write KEY=VALUE, such as rate=500"};
        std::string key = setting.substr(0, equals);
        std::ranges::replace(key, '-', '_');
        split.emplace_back(std::move(key), setting.substr(equals + 1));
    }
    return split;
}

int set(const Flags& flags) {
    const job::Overrides wanted = split(flags.settings);
    std::printf("%s\n", flags.connection.steering(flags.run).set(wanted).c_str());
    return run::ExitCode::succeeded;
}

}  // namespace

void add_set(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "set", "Change settings of a run while it is on");
    command->add_option("RUN", flags->run, "Run id")->type_name("")->required();
    command->add_option("SETTING", flags->settings, "KEY=VALUE, one or more")->type_name("")->required();
    flags->connection.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return set(*flags); }; });
}

}  // namespace rowmill::cli
