#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/retry_flags.hpp"
#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "Its dead letters become rows to be worked on again, under the job's own rules, with as many attempts as the first\n"
    "time. Those that succeed are dead letters no more. Where none is left it says so and exits 0.\n\n"
    "Examples:\n"
    "  rowmill retry 7                         all dead letters of run 7\n"
    "  rowmill retry 7 --class 1062            those of one kind, as rowmill failures shows it\n"
    "  rowmill retry 7 --key 42 --key 43       those of two rows\n";

struct Flags {
    JobFlags job;
    RunFlags run;
    RetryFlags which;
};

int retry(Flags flags) {
    RetryFlags::Begun begun = flags.which.find(flags.job.connection);
    run::Request request = flags.job.request_of(begun.definition);
    request.retry = std::move(begun.retry);
    return flags.run.run(std::move(request));
}

}  // namespace

void add_retry(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "retry", "Try the dead letters of a run again");
    flags->which.add_to(*command);
    flags->run.add_usual_to(*command);
    flags->job.add_settings_to(*command);
    flags->job.connection.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return retry(*flags); }; });
}

}  // namespace rowmill::cli
