#include <rowmill/app.hpp>

#include "app/jobs.hpp"
#include "progress/program_name.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace rowmill {
namespace {

/// The commands that every App has, and those that rowmill is going to have.
constexpr std::array<std::string_view, 16> own_commands{"plan",  "status",     "failures", "retry",  "init", "doctor",
                                                        "run",   "pause",      "resume",   "cancel", "set",  "queue",
                                                        "serve", "completion", "help",     "version"};

void check_name(const CLI::App& app, const std::string& name) {
    const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!plain || name.front() == '-')
        throw Error{ErrorKind::usage, "'" + name + "' is no name for a job: use letters, digits, - and _"};
    const bool is_ours = std::ranges::find(own_commands, name) != own_commands.end();
    const auto commands = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
    if (is_ours || !commands.empty())
        throw Error{ErrorKind::usage, "there is another command " + name + ": choose another name for the job"};
}

}  // namespace

void App::Jobs::add_commands(cli::Program& program) const {
    CLI::App& app = program.app();
    for (const app::Declaration* declaration : declarations) {
        check_name(app, declaration->name);
        app::add_job(program, *declaration);
    }
    app::add_plan(program, declarations);
    cli::add_status(app, program.chosen());
    cli::add_failures(app, program.chosen());
    app::add_retry(program, declarations);
    cli::add_pause(app, program.chosen());
    app::add_resume(program, declarations);
    cli::add_cancel(app, program.chosen());
    cli::add_set(app, program.chosen());
    app::add_serve(program, declarations);
    cli::add_init(app, program.chosen());
    cli::add_doctor(app, program.chosen());
    program.add_exit_codes();
}

App::App(std::string name, std::string description) : jobs_{std::make_shared<Jobs>()} {
    progress::set_program_name(name);
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
