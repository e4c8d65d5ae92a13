#include "cli/command.hpp"
#include "cli/steering.hpp"
#include "run/live_settings.hpp"
#include "run/throttling.hpp"
#include "store/transaction.hpp"

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

/// Before anything is stored: a worker could only say that it can't.
void check(const job::Overrides& wanted, const db::Connector& server) {
    job::Job job;
    job::change_settings(job, wanted);
    run::check_texts(job.throttle, server);
    // What is a status variable, and what a number, this server can tell.
    job::ThrottleSpec asked;
    asked.max_load = job.throttle.max_load;
    asked.critical_load = job.throttle.critical_load;
    asked.query = job.throttle.query;
    run::check_throttles(asked, server);
}

/// Beside what others set at the same moment.
void store_settings(Steering& steering, const job::Overrides& wanted) {
    store::Transaction transaction{steering.store().session()};
    const auto run = steering.store().lock_run(steering.id());
    if (!run || run->state == "succeeded" || run->state == "cancelled")
        throw Error{ErrorKind::usage, steering.name() + (run && run->state == "cancelled" ? " was cancelled" : " has succeeded") +
                                          ": there is nothing to set"};
    run::LiveSettings settings = run::decode_live_settings(run->live_settings);
    for (const auto& [key, value] : wanted) settings[key] = value;
    steering.store().set_live_settings(steering.id(), run::encode(settings));
    transaction.commit();
}

int set(const Flags& flags) {
    const job::Overrides wanted = split(flags.settings);
    Steering steering{flags.connection, flags.run};
    check(wanted, steering.connector());
    store_settings(steering, wanted);
    const std::string taken = steering.wait_until_taken_up();
    const std::string what = run::display(wanted);
    std::printf("%s has %s from now on; %s\n", steering.name().c_str(), what.c_str(),
                taken.empty() ? "nobody works on it now, it holds for who does" : taken.c_str());
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
