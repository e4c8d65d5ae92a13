#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/listeners.hpp"
#include "cli/signals.hpp"
#include "run/runner.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "Placeholders of a statement:\n"
    "  :id, any key or selected column    the row's value; executed for each row\n"
    "  :batch                             a condition that selects a batch's rows; executed for each batch\n"
    "  :range                             from the last batch's end to this one's, and the filter; the fastest\n"
    "  :ids                               the batch's keys: … WHERE id IN (:ids)\n"
    "  :lo, :hi                           the batch's first and last key (with a filter, say :filter too)\n"
    "  :filter, :run_id, :run_started_at, any parameter\n\n"
    "A job file (docs/job-file.md has all keys):\n"
    "  [params.least]\n"
    "  type = \"number\"\n"
    "  [source]\n"
    "  table = \"books\"\n"
    "  where = \"price < :least\"\n"
    "  [action]\n"
    "  statement = \"UPDATE books SET price = :least WHERE :batch\"\n\n"
    "Examples:\n"
    "  rowmill run cheap.toml --param least=2.5 -D shop\n"
    "  rowmill run --table books --where 'price < 0' --sql 'UPDATE books SET price = -price WHERE :batch' -D shop\n"
    "  rowmill run --table books -D shop --progress plain     only reads: to count and to measure\n\n"
    "Exit codes: see rowmill --help.";

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
    // A limit or an error drains too, and says so at the end; a signal is answered at once.
    const std::stop_callback answer{stopping.draining(), [&] {
                                        if (const std::string why = stopping.why(); why.starts_with("stopped by SIG"))
                                            hub.note(why + ": finishing what is in flight; once more leaves at once");
                                    }};
    return run::execute(request, hub, stopping);
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "run", "Work a job through its table, or go on with its unfinished run");
    command->add_flag("--dry-run", flags->dry_run, "Show the plan; change nothing, store nothing");
    command->add_flag("--restart", flags->restart, "Forget the unfinished run and begin anew; says what that costs");
    command->add_flag("--yes", flags->yes, "With --restart: that is meant");
    command->add_flag("--accept-changes", flags->accept_changes,
                      "Go on with an unfinished run although job or table have changed");
    command->add_option("--limit", flags->limit, "Stop after so many rows; run again to go on")->type_name("N");
    command
        ->add_option("--progress", flags->progress, "bar, plain, json, none, or auto: a bar on a terminal, else plain")
        ->type_name("HOW");
    command->add_option("--summary", flags->summary, "json: how the run ended, as an object on stdout")
        ->type_name("json");
    command->add_option("--log-file", flags->log_file, "Append progress and notes to this file")->type_name("FILE");
    flags->job.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace rowmill::cli
