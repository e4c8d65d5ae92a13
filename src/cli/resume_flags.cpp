#include "cli/resume_flags.hpp"

#include "run/steering.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace rowmill::cli {

void ResumeFlags::add_to(CLI::App& command) {
    command.add_option("RUN", run, "Run id")->type_name("")->required();
}

std::optional<std::string> ResumeFlags::ask(const ConnectionFlags& connection) const {
    run::Steering::Resumed resumed = connection.steering(run).resume();
    if (!resumed.sentence.empty()) std::printf("%s\n", resumed.sentence.c_str());
    return std::move(resumed.definition);
}

}  // namespace rowmill::cli
