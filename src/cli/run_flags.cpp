#include "cli/run_flags.hpp"

#include "cli/command.hpp"
#include "cli/listeners.hpp"
#include "cli/signals.hpp"
#include "cli/watched_run.hpp"
#include "job/read.hpp"
#include "run/runner.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <utility>

namespace rowmill::cli {

void RunFlags::add_to(CLI::App& command) {
    command.add_flag("--dry-run", dry_run, "Show the plan; change nothing, store nothing");
    command.add_flag("--restart", restart, "Forget the unfinished run and begin anew; says what that costs");
    command.add_flag("--yes", yes, "With --restart: that is meant");
    command.add_flag("--join", join, "Take part in the unfinished run beside the processes that work on it; never begins one");
    command.add_flag("--from-beginning", from_beginning,
                     "Begin at the beginning this once, although the job says since = \"last-run\"");
    command.add_option("--limit", limit, "Stop after so many rows; run again to go on")->type_name("N");
    command
        .add_option("--canary", canary, "Work so many rows, spread over the whole range, then pause the run: `resume` goes on")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    add_usual_to(command);
}

void RunFlags::add_usual_to(CLI::App& command) {
    command.add_flag("--accept-changes", accept_changes,
                     "Go on with an unfinished run although job or table have changed");
    command.add_flag("--exit-on-pause", exit_on_pause, "Leave where the run is paused, with exit code 4, rather than wait");
    command.add_option("--run-time", run_time, "Stop in good order after this time (2h, 30m); run again to go on")
        ->type_name("DURATION");
    command.add_option("--until", until, "Stop in good order at this time of day (05:00, \"05:00 Europe/Berlin\"), the next one")
        ->type_name("HH:MM");
    command.add_flag("--quiet", quiet, "Nothing on stderr but what must not be missed: for cron");
    command.add_option("--hooks", hooks, "Programs of this folder are told what happens to the run; over [hooks] directory")
        ->type_name("FOLDER");
    command.add_option("--progress", progress, "bar, plain, json, none, or auto: a bar on a terminal, else plain")
        ->type_name("HOW");
    command.add_option("--summary", summary, "json: how the run ended, as an object on stdout")->type_name("json");
    command.add_option("--log-file", log_file, "Append progress and notes to this file")->type_name("FILE");
    command
        .add_flag("--serve{auto}", serve,
                  "A live page while it is on: here, or at port 8080, or any that is free")
        ->type_name("[=ADDRESS]");
    page.add_to(command);
}

int RunFlags::run(run::Request request) const {
    if (!summary.empty() && summary != "json")
        throw Error{ErrorKind::usage, "--summary " + summary + ": only json is known"};
    request.restart = restart;
    request.yes = yes;
    request.accept_changes = accept_changes;
    if (join && restart) throw Error{ErrorKind::usage, "--join takes part in a run, --restart forgets it: choose one of them"};
    request.join = join;
    request.exit_on_pause = exit_on_pause;
    request.from_beginning = from_beginning;
    request.limit = limit;
    if (join && canary) throw Error{ErrorKind::usage, "--canary belongs to the process that begins the run, and not to one that joins it"};
    request.canary = canary;
    if (!run_time.empty()) request.run_time = job::parse_duration(run_time, "--run-time");
    if (!until.empty()) request.until = run::next_time(until, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    if (quiet && progress != "auto") throw Error{ErrorKind::usage, "--quiet and --progress can't be combined"};
    if (!hooks.empty()) request.job.hooks.directory = std::filesystem::absolute(hooks).string();
    if (dry_run) return print_plan(request, 0);
    engine::Stopping stopping;
    const Signals signals{stopping};
    progress::Hub hub;
    add_progress(hub, quiet ? "quiet" : progress);
    if (!log_file.empty()) add_log_file(hub, log_file);
    if (summary == "json") add_json_summary(hub);
    // A limit or an error drains too, and says so at the end; a signal is answered at once.
    const std::stop_callback answer{stopping.draining(), [&] {
                                        if (const std::string why = stopping.why(); why.starts_with("stopped by SIG"))
                                            hub.note(why + ": finishing what is in flight; once more leaves at once");
                                    }};
    if (serve.empty()) return run::execute(request, hub, stopping);
    return work_watched(std::move(request), hub, stopping, page, serve == "auto" ? "" : serve);
}

}  // namespace rowmill::cli
