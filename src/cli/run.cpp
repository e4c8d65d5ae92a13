#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/listeners.hpp"
#include "cli/signals.hpp"
#include "run/runner.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace rowmill::cli {
namespace {

struct Flags {
    JobFlags job;
    std::string progress = "auto";
    std::string summary;
    std::string log_file;
    bool dry_run = false, restart = false, yes = false, accept_changes = false;
    std::optional<std::uint64_t> limit;
};

int run(const Flags& flags) {
    if (!flags.summary.empty() && flags.summary != "json")
        throw Error{ErrorKind::usage, "--summary " + flags.summary + ": only json is known"};
    run::Request request = flags.job.request();
    request.restart = flags.restart;
    request.yes = flags.yes;
    request.accept_changes = flags.accept_changes;
    request.limit = flags.limit;
    if (flags.dry_run) return print_plan(request, 0);
    engine::Stopping stopping;
    const Signals signals{stopping};
    progress::Hub hub;
    add_progress(hub, flags.progress);
    if (!flags.log_file.empty()) add_log_file(hub, flags.log_file);
    if (flags.summary == "json") add_json_summary(hub);
    return run::execute(request, hub, stopping);
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "run", "Work a job through its table, or go on with its unfinished run");
    command->add_flag("--dry-run", flags->dry_run, "Show the plan; change nothing, store nothing");
    command->add_flag("--restart", flags->restart, "Forget the unfinished run and begin anew (with --yes)");
    command->add_flag("--yes", flags->yes, "Do not ask");
    command->add_flag("--accept-changes", flags->accept_changes, "Go on although the job or table has changed meanwhile");
    command->add_option("--limit", flags->limit, "Stop after so many rows; run again to go on")->type_name("N");
    command->add_option("--progress", flags->progress, "auto | bar | plain | json | none (auto: a bar on a terminal)");
    command->add_option("--summary", flags->summary, "json: the last snapshot on stdout at the end");
    command->add_option("--log-file", flags->log_file, "Append progress and notes to this file");
    flags->job.add_to(*command);
    command->footer("Example: rowmill run --table books --where 'price < 0' --sql 'UPDATE books SET price = -price WHERE :batch' -D shop");
    command->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace rowmill::cli
