#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/resume_flags.hpp"
#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "Where processes work on the run, they are asked to go on. Where none do, it is worked here, as the job that it was\n"
    "begun with.\n\n"
    "Examples:\n"
    "  rowmill resume 7\n"
    "  rowmill resume 7 --rate 500 --progress plain\n";

struct Flags {
    JobFlags job;
    RunFlags run;
    ResumeFlags which;
};

int resume(Flags flags) {
    const auto definition = flags.which.ask(flags.job.connection);
    if (!definition) return run::ExitCode::succeeded;
    run::Request request = flags.job.request_of(*definition);
    request.resume = flags.which.run;
    return flags.run.run(std::move(request));
}

}  // namespace

void add_resume(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "resume", "Let a run that is paused, was interrupted or has failed go on");
    flags->which.add_to(*command);
    flags->run.add_usual_to(*command);
    flags->job.add_settings_to(*command);
    flags->job.connection.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return resume(*flags); }; });
}

}  // namespace rowmill::cli
