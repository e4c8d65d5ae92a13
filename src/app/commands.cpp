#include "app/commands.hpp"

#include "app/declared_jobs.hpp"
#include "app/job_command.hpp"
#include "cli/resume_flags.hpp"
#include "cli/retry_flags.hpp"
#include "cli/run_flags.hpp"
#include "cli/serve.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::app {
namespace {

/// Works the job.
int work(const JobCommand& job, const cli::RunFlags& flags, std::optional<run::Request::Retry> retry = {},
         std::optional<std::uint64_t> resume = {}) {
    run::Request request = job.request();
    request.handler = make_handler(job.declaration());
    request.retry = std::move(retry);
    request.resume = resume;
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

/// What a command says of a run whose job the store names.
struct OfRun {
    cli::RunFlags run;
    cli::ConnectionFlags connection;
    cli::OverrideFlags run_section;
    std::vector<std::string> params;

    void add_to(CLI::App& command) {
        command.add_option("--param", params, "A parameter that the store does not keep, because it is secret")
            ->type_name("NAME=VALUE")
            ->take_all()
            ->allow_extra_args(false);
        run.add_usual_to(command);
        run_section.add_to(command, "the program's own");
        connection.add_to(command);
    }

    /// The declared job that the run was begun with.
    std::unique_ptr<JobCommand> job(const Declarations& declarations, const std::string& definition, std::uint64_t id) const {
        for (const Declaration* declaration : declarations) {
            auto job = std::make_unique<JobCommand>(*declaration);
            job->connection = connection;
            job->run_section = run_section;
            for (const std::string& param : params) {
                const std::size_t equals = param.find('=');
                if (equals == std::string::npos)
                    throw Error{ErrorKind::usage, "--param " + param + " needs a value: " + param + "=…"};
                job->give(param.substr(0, equals), param.substr(equals + 1));
            }
            if (job->take_definition(definition)) return job;
        }
        throw Error{ErrorKind::usage, "run " + std::to_string(id) + " is of none of this program's jobs"};
    }
};

struct Serve {
    cli::ConnectionFlags connection;
    cli::ServeFlags flags;
    std::string listen = "127.0.0.1:8080";
};

struct Retry {
    cli::RetryFlags which;
    OfRun flags;
};

struct Resume {
    cli::ResumeFlags which;
    OfRun flags;
};

int retry(const Retry& retry, const Declarations& declarations) {
    cli::RetryFlags::Begun begun = retry.which.find(retry.flags.connection);
    const auto job = retry.flags.job(declarations, begun.definition, retry.which.run);
    return work(*job, retry.flags.run, std::move(begun.retry));
}

int resume(const Resume& resume, const Declarations& declarations) {
    const auto definition = resume.which.ask(resume.flags.connection);
    if (!definition) return run::ExitCode::succeeded;
    const auto job = resume.flags.job(declarations, *definition, resume.which.run);
    return work(*job, resume.flags.run, {}, resume.which.run);
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
    flags->flags.add_to(*command);
    command->callback([&program, flags, declarations] {
        program.chosen() = [flags, declarations] { return retry(*flags, declarations); };
    });
}

void add_resume(cli::Program& program, const Declarations& declarations) {
    const auto flags = std::make_shared<Resume>();
    CLI::App* command =
        cli::add_command(program.app(), "resume", "Let a run that is paused, was interrupted or has failed go on");
    flags->which.add_to(*command);
    flags->flags.add_to(*command);
    command->callback([&program, flags, declarations] {
        program.chosen() = [flags, declarations] { return resume(*flags, declarations); };
    });
}

void add_serve(cli::Program& program, const Declarations& declarations) {
    const auto flags = std::make_shared<Serve>();
    CLI::App* command = cli::add_command(program.app(), "serve", "Show runs, and begin them, in a browser");
    command->add_option("--listen", flags->listen, "Where; :8080 or 8080 is this machine alone")->type_name("HOST:PORT")->capture_default_str();
    flags->flags.add_to(*command);
    flags->connection.add_to(*command);
    command->callback([&program, flags, declarations] {
        program.chosen() = [flags, declarations] {
            const auto jobs = declared_jobs(declarations, flags->connection);
            return cli::serve(flags->connection, flags->flags, flags->listen, *jobs);
        };
    });
}

}  // namespace rowmill::app
