#include "app/commands.hpp"

#include "action/coroutine_threads.hpp"
#include "app/job_command.hpp"
#include "cli/retry_flags.hpp"
#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::app {
namespace {

/// Works the job. Its handler's threads are joined when the run is over.
int work(const JobCommand& job, const cli::RunFlags& flags, std::optional<run::Request::Retry> retry = {}) {
    std::unique_ptr<action::CoroutineThreads> threads;
    run::Request request = job.request();
    request.handler = make_handler(job.declaration(), threads);
    request.retry = std::move(retry);
    return flags.run(std::move(request));
}

/// What `plan JOB` tells of it.
void add_plan_of(cli::Program& program, CLI::App& plan, const Declaration& declaration) {
    const auto job = std::make_shared<JobCommand>(declaration);
    const auto sample = std::make_shared<std::uint64_t>(0);
    CLI::App* command = cli::add_command(plan, declaration.name, declaration.description);
    if (!declaration.has_handler())
        command->add_option("--sample", *sample, "Do it on the first N rows, show them before and after, roll back")
            ->type_name("N");
    job->add_settings_to(*command);
    job->add_params_to(*command);
    command->callback([&program, job, sample] {
        program.chosen() = [job, sample] { return cli::print_plan(job->request(), *sample); };
    });
}

struct Retry {
    cli::RetryFlags which;
    cli::RunFlags run;
    cli::ConnectionFlags connection;
    cli::OverrideFlags run_section;
    std::vector<std::string> params;
};

int retry(const Retry& flags, const Declarations& declarations) {
    cli::RetryFlags::Begun begun = flags.which.find(flags.connection);
    for (const Declaration* declaration : declarations) {
        JobCommand job{*declaration};
        job.connection = flags.connection;
        job.run_section = flags.run_section;
        for (const std::string& param : flags.params) {
            const std::size_t equals = param.find('=');
            if (equals == std::string::npos)
                throw Error{ErrorKind::usage, "--param " + param + " needs a value: " + param + "=…"};
            job.give(param.substr(0, equals), param.substr(equals + 1));
        }
        if (job.take_definition(begun.definition)) return work(job, flags.run, std::move(begun.retry));
    }
    throw Error{ErrorKind::usage, "run " + std::to_string(flags.which.run) + " is of none of this program's jobs"};
}

}  // namespace

void add_job(cli::Program& program, const Declaration& declaration) {
    const auto job = std::make_shared<JobCommand>(declaration);
    const auto flags = std::make_shared<cli::RunFlags>();
    CLI::App* command = cli::add_command(program.app(), declaration.name, declaration.description);
    flags->add_to(*command);
    job->add_settings_to(*command);
    job->add_params_to(*command);
    command->callback([&program, job, flags] { program.chosen() = [job, flags] { return work(*job, *flags); }; });
}

void add_plan(cli::Program& program, const Declarations& declarations) {
    CLI::App* plan =
        cli::add_command(program.app(), "plan", "What a job would do: key, page query and its EXPLAIN, first sacks");
    plan->require_subcommand(1);
    for (const Declaration* declaration : declarations) add_plan_of(program, *plan, *declaration);
}

void add_retry(cli::Program& program, const Declarations& declarations) {
    const auto flags = std::make_shared<Retry>();
    CLI::App* command = cli::add_command(program.app(), "retry", "Try the dead letters of a run again");
    flags->which.add_to(*command);
    command->add_option("--param", flags->params, "A parameter that the store does not keep, because it is secret")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    flags->run.add_usual_to(*command);
    flags->run_section.add_to(*command, "the program's own");
    flags->connection.add_to(*command);
    command->callback([&program, flags, declarations] {
        program.chosen() = [flags, declarations] { return retry(*flags, declarations); };
    });
}

}  // namespace rowmill::app
