#include <rowmill/app.hpp>

#include "action/coroutine_threads.hpp"
#include "app/job_command.hpp"
#include "cli/program.hpp"
#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <vector>

namespace rowmill {
namespace {

/// A job's own command: works it.
void add_work(cli::Program& program, const app::Declaration& declaration) {
    const auto job = std::make_shared<app::JobCommand>(declaration);
    const auto flags = std::make_shared<cli::RunFlags>();
    CLI::App* command = cli::add_command(program.app(), declaration.name, declaration.description);
    flags->add_to(*command);
    job->add_settings_to(*command);
    job->add_params_to(*command);
    command->callback([&program, job, flags] {
        program.chosen() = [job, flags] {
            std::unique_ptr<action::CoroutineThreads> threads;
            run::Request request = job->request();
            request.handler = app::make_handler(job->declaration(), threads);
            return flags->run(std::move(request));
        };
    });
}

/// What `plan JOB` tells of it.
void add_plan(cli::Program& program, CLI::App& plan, const app::Declaration& declaration) {
    const auto job = std::make_shared<app::JobCommand>(declaration);
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

void check_name(const CLI::App& app, const std::string& name) {
    const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!plain || name.front() == '-')
        throw Error{ErrorKind::usage, "'" + name + "' is no name for a job: use letters, digits, - and _"};
    const auto commands = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
    if (!commands.empty())
        throw Error{ErrorKind::usage, "there is another command " + name + ": choose another name for the job"};
}

}  // namespace

struct App::Jobs {
    std::string name, description;
    std::vector<std::unique_ptr<Job>> jobs;
    std::vector<const app::Declaration*> declarations;

    void add_commands(cli::Program& program) const;
};

void App::Jobs::add_commands(cli::Program& program) const {
    CLI::App& app = program.app();
    CLI::App* plan = cli::add_command(app, "plan", "What a job would do: key, page query and its EXPLAIN, first sacks");
    plan->require_subcommand(1);
    cli::add_status(app, program.chosen());
    cli::add_failures(app, program.chosen());
    cli::add_init(app, program.chosen());
    cli::add_doctor(app, program.chosen());
    for (const app::Declaration* declaration : declarations) {
        check_name(app, declaration->name);
        add_work(program, *declaration);
        add_plan(program, *plan, *declaration);
    }
    program.add_exit_codes();
}

App::App(std::string name, std::string description) : jobs_{std::make_unique<Jobs>()} {
    jobs_->name = std::move(name);
    jobs_->description = std::move(description);
}

App::~App() = default;

Job& App::job(std::string name, std::string description) {
    auto declaration = std::make_unique<app::Declaration>(jobs_->name, std::move(name), std::move(description));
    jobs_->declarations.push_back(declaration.get());
    return *jobs_->jobs.emplace_back(std::make_unique<Job>(std::move(declaration)));
}

int App::main(int argc, char** argv) {
    cli::Program program{jobs_->description, jobs_->name};
    try {
        jobs_->add_commands(program);
    } catch (const std::exception& error) {
        return program.refuse(error.what());
    }
    return program.run(argc, argv);
}

}  // namespace rowmill
