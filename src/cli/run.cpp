#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/run_flags.hpp"

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
    RunFlags run;
};

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "run", "Work a job through its table, or go on with its unfinished run");
    flags->run.add_to(*command);
    flags->job.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return flags->run.run(flags->job.request()); }; });
}

}  // namespace rowmill::cli
