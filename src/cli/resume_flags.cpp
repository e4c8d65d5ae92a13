#include "cli/resume_flags.hpp"

#include "cli/steering.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace rowmill::cli {

void ResumeFlags::add_to(CLI::App& command) {
    command.add_option("RUN", run, "Run id")->type_name("")->required();
}

std::optional<std::string> ResumeFlags::ask(const ConnectionFlags& connection) const {
    Steering steering{connection, run};
    const store::RunRecord before = steering.run();
    const auto is_over = [](const std::string& state) { return state == "succeeded" || state == "cancelled"; };
    const auto refuse = [&](const std::string& state) -> Error {
        return Error{ErrorKind::usage, steering.name() + (state == "cancelled" ? " was cancelled" : " has succeeded") +
                                           ": there is nothing to resume"};
    };
    if (is_over(before.state)) throw refuse(before.state);
    if (steering.live_workers().empty()) return before.definition;
    const std::string state = steering.store().ask_for_state(run, "running");
    if (is_over(state)) throw refuse(state);
    const bool was_paused = before.desired_state == "paused" || before.state == "paused";
    const std::string taken = steering.wait_until_taken_up();
    std::printf("%s %s%s\n", steering.name().c_str(), was_paused ? "goes on" : "is running already",
                taken.empty() ? "" : ("; " + taken).c_str());
    return {};
}

}  // namespace rowmill::cli
