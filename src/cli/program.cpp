#include "cli/program.hpp"

#include "cli/complaint.hpp"
#include "progress/cells.hpp"
#include "progress/program_name.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

namespace rowmill::cli {
namespace {

std::string exit_codes(const std::string& program) {
    return "Exit codes:\n"
           "  0   every row succeeded or was skipped\n"
           "  1   the run failed; it can be resumed when the cause is mended\n"
           "  2   bad usage, a bad job, or whatever else is found before the first row is handled\n"
           "  3   done, but for dead letters: rows whose work failed (" +
           program +
           " failures RUN)\n"
           "  4   stopped; the same command goes on with it\n"
           "  5   cancelled\n"
           "  69  the server can't be reached\n"
           "  75  another process works on this run\n\n"
           "What is for people goes to stderr, data to stdout. " +
           program + " COMMAND --help tells the flags of a command.";
}

/// "shop:8080": what nobody would name a job file, or a parameter's value that follows a flag without one.
bool is_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    return !port.empty() && text.find('/') == std::string_view::npos && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

/// `--serve ADDRESS` as `--serve=ADDRESS`: a flag that needs no value takes none that stands apart.
std::vector<std::string> joined(int argc, char** argv) {
    std::vector<std::string> arguments;
    for (const std::string argument : std::span{argv, static_cast<std::size_t>(argc)}) {
        if (!arguments.empty() && arguments.back() == "--serve" && is_address(argument))
            arguments.back() += "=" + argument;
        else
            arguments.push_back(argument);
    }
    return arguments;
}

/// Of the flags' names, in the help texts.
constexpr std::size_t name_width = 34;

}  // namespace

Program::Program(const std::string& description, const std::string& name)
    : app_{std::make_unique<CLI::App>(description, name)} {
    progress::set_program_name(name);
    app_->set_help_flag("--help", "Show this help");
    app_->get_formatter()->column_width(name_width);
    app_->require_subcommand(1);
}

Program::~Program() = default;

void Program::add_exit_codes() {
    app_->footer(exit_codes(app_->get_name()));
}

/// On one line, whatever a server or a file put into it.
void Program::complain(const std::string& sentence) const {
    std::fprintf(stderr, "%s: %s\n", app_->get_name().c_str(), progress::harmless(sentence).c_str());
}

int Program::refuse(const std::string& sentence) const {
    complain(sentence);
    return run::ExitCode::usage;
}

int Program::run_chosen() const {
    try {
        return chosen_();
    } catch (const Error& error) {
        complain(error.what());
        return run::exit_code_of(error, true);
    } catch (const std::exception& error) {
        complain(error.what());
        return run::ExitCode::failed;
    }
}

int Program::run(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments = joined(argc, argv);
        std::vector<const char*> texts;
        for (const std::string& argument : arguments) texts.push_back(argument.c_str());
        app_->parse(static_cast<int>(texts.size()), texts.data());
    } catch (const CLI::Success& asked) {
        return app_->exit(asked);
    } catch (const Error& error) {
        return refuse(error.what());
    } catch (const CLI::ParseError& error) {
        if (argc < 2) {
            std::fputs(app_->help().c_str(), stderr);
            return run::ExitCode::usage;
        }
        complain(complaint(*app_, error));
        return run::ExitCode::usage;
    }
    return run_chosen();
}

}  // namespace rowmill::cli
