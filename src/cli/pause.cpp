#include "cli/command.hpp"
#include "run/steering.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

struct Flags {
    ConnectionFlags connection;
    std::uint64_t run = 0;
};

using Ask = std::string (run::Steering::*)();

void add(CLI::App& app, Action& chosen, const char* name, const char* help, Ask ask) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, name, help);
    command->add_option("RUN", flags->run, "Run id")->type_name("")->required();
    flags->connection.add_to(*command);
    command->callback([flags, ask, &chosen] {
        chosen = [flags, ask] {
            run::Steering steering = flags->connection.steering(flags->run);
            std::printf("%s\n", (steering.*ask)().c_str());
            return run::ExitCode::succeeded;
        };
    });
}

}  // namespace

void add_pause(CLI::App& app, Action& chosen) {
    add(app, chosen, "pause", "Ask the workers of a run to wait, until it is resumed", &run::Steering::pause);
}

void add_cancel(CLI::App& app, Action& chosen) {
    add(app, chosen, "cancel", "End a run for good: it can't be resumed", &run::Steering::cancel);
}

}  // namespace rowmill::cli
