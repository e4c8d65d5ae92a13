#include "cli/resume_flags.hpp"

#include "cli/steering.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace rowmill::cli {

void ResumeFlags::add_to(CLI::App& command) {
    command.add_option("RUN", run, "Run id")->type_name("")->required();
}

namespace {

Error refusal(const Steering& steering, const std::string& state) {
    return Error{ErrorKind::usage,
                 steering.name() + (state == "cancelled" ? " was cancelled" : " has succeeded") + ": there is nothing to resume"};
}

/// Its last workers leave: the run goes on here when they have.
std::optional<std::string> take_over(Steering& steering, const std::string& definition) {
    const auto left = steering.wait_until_left();
    const std::string state = steering.run().state;
    if (state == "cancelled") throw refusal(steering, state);
    if (state == "succeeded") {
        std::printf("%s went on, and has succeeded\n", steering.name().c_str());
        return {};
    }
    if (left.empty()) return definition;
    const bool is_one = left.size() == 1;
    throw run::Busy{its_workers(left.size()) + " " + (is_one ? "is" : "are") + " leaving " + steering.name() + ": what is in flight is finished, " +
                    "nothing new is begun; resume it when " + (is_one ? "it has" : "they have") + " left"};
}

}  // namespace

std::optional<std::string> ResumeFlags::ask(const ConnectionFlags& connection) const {
    Steering steering{connection, run};
    const store::RunRecord before = steering.run();
    const auto is_over = [](const std::string& state) { return state == "succeeded" || state == "cancelled"; };
    if (is_over(before.state)) throw refusal(steering, before.state);
    if (steering.live_workers().empty()) return before.definition;
    const std::string state = steering.store().ask_for_state(run, "running");
    if (is_over(state)) throw refusal(steering, state);
    const bool was_paused = before.desired_state == "paused" || before.state == "paused";
    const std::string taken = steering.wait_until_taken_up();
    if (!steering.is_worked_on()) return take_over(steering, before.definition);
    std::printf("%s %s%s\n", steering.name().c_str(), was_paused ? "goes on" : "is running already",
                taken.empty() ? "" : ("; " + taken).c_str());
    return {};
}

}  // namespace rowmill::cli
