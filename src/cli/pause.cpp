#include "cli/command.hpp"
#include "cli/steering.hpp"
#include "progress/program_name.hpp"
#include "run/dead_workers.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

struct Flags {
    ConnectionFlags connection;
    std::uint64_t run = 0;
};

int say(const std::string& sentence) {
    std::printf("%s\n", sentence.c_str());
    return run::ExitCode::succeeded;
}

[[noreturn]] void refuse(const Steering& steering, const std::string& state, const std::string& verb) {
    const std::string how = state == "cancelled" ? "was cancelled" : state == "failed" ? "has failed" : "has succeeded";
    throw Error{ErrorKind::usage, steering.name() + " " + how + ": there is nothing to " + verb};
}

int pause(const Flags& flags) {
    Steering steering{flags.connection, flags.run};
    const store::RunRecord before = steering.run();
    if (before.state == "succeeded" || before.state == "cancelled" || before.state == "failed")
        refuse(steering, before.state, "pause");
    const std::string state = steering.store().ask_for_state(flags.run, "paused");
    if (state == "succeeded" || state == "cancelled") refuse(steering, state, "pause");
    const std::string resume = "`" + progress::program_name() + " resume " + std::to_string(flags.run) + "` goes on with it";
    const std::string already = before.desired_state == "paused" ? " already" : "";
    const std::string taken = steering.wait_until_taken_up();
    const std::string now = taken.empty() ? steering.store().follow_desired_state(flags.run) : steering.run().state;
    if (now == "succeeded" || now == "cancelled" || now == "failed") refuse(steering, now, "pause");
    if (!taken.empty())
        return say(steering.name() + " is paused" + already + ": what is in flight is finished, nothing new is begun; " + taken +
                   "; " + resume);
    return say(steering.name() + " is paused" + already + ", and nobody works on it; " + resume);
}

int cancel(const Flags& flags) {
    Steering steering{flags.connection, flags.run};
    const store::RunRecord before = steering.run();
    if (before.state == "succeeded") refuse(steering, before.state, "cancel");
    const std::string state = steering.store().ask_for_state(flags.run, "cancelled");
    if (state == "succeeded") refuse(steering, state, "cancel");
    const std::size_t workers = steering.live_workers().size();
    const auto left = steering.wait_until_left();
    // Those that are asleep, or can't reach the store, the dead ones too: what they still do can't be recorded.
    for (const store::WorkerRecord& worker : steering.store().workers(flags.run)) run::expel(steering.store(), worker);
    std::string sentence = steering.name() + (before.state == "cancelled" ? " was cancelled already" : " is cancelled, and does not come back");
    if (workers == 0) return say(sentence + (before.state == "cancelled" ? "" : "; nobody works on it"));
    sentence += "; " + its_workers(workers) + (workers == 1 ? " gives" : " give") + " what is in flight a second, then " +
                (workers == 1 ? "drops" : "drop") + " it";
    if (left.empty()) return say(sentence + (workers == 1 ? ": it has" : ": they have") + " left");
    return say(sentence + ": " + std::to_string(left.size()) + " did not answer, and can record nothing more");
}

void add(CLI::App& app, Action& chosen, const char* name, const char* help, int (*work)(const Flags&)) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, name, help);
    command->add_option("RUN", flags->run, "Run id")->type_name("")->required();
    flags->connection.add_to(*command);
    command->callback([flags, work, &chosen] { chosen = [flags, work] { return work(*flags); }; });
}

}  // namespace

void add_pause(CLI::App& app, Action& chosen) {
    add(app, chosen, "pause", "Ask the workers of a run to wait, until it is resumed", pause);
}

void add_cancel(CLI::App& app, Action& chosen) {
    add(app, chosen, "cancel", "End a run for good: it can't be resumed", cancel);
}

}  // namespace rowmill::cli
