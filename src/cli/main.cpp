#include "cli/command.hpp"
#include "cli/complaint.hpp"
#include "progress/cells.hpp"
#include "run/request.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

constexpr const char* description =
    "rowmill works through a MySQL or MariaDB table row by row, in parallel, and can always be stopped and started again\n"
    "without losing or repeating work.\n\n"
    "  rowmill run --table books --sql \"UPDATE books SET price = price * 1.05 WHERE id = :id\" -D bookshop\n"
    "  rowmill run fix-invoices.toml --param publisher_id=6\n"
    "  rowmill status\n";

constexpr const char* exit_codes =
    "Exit codes: 0 done; 1 the run failed; 2 bad usage or job; 3 done, with dead letters; 4 stopped, run again to resume;\n"
    "5 cancelled; 69 server not reachable; 75 another process is at it.";

/// On one line, whatever a server or a file put into it.
void complain(const std::string& sentence) {
    std::fprintf(stderr, "rowmill: %s\n", rowmill::progress::harmless(sentence).c_str());
}

int run_command(const rowmill::cli::Action& chosen) {
    try {
        return chosen();
    } catch (const rowmill::Error& error) {
        complain(error.what());
        return rowmill::run::exit_code_of(error, true);
    } catch (const std::exception& error) {
        complain(error.what());
        return rowmill::run::ExitCode::failed;
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace rowmill;
    CLI::App app{description, "rowmill"};
    app.set_help_flag("--help", "Show this help");
    app.set_version_flag("--version", std::string{"rowmill "} + ROWMILL_VERSION);
    app.footer(exit_codes);
    app.require_subcommand(1);
    cli::Action chosen;
    cli::add_run(app, chosen);
    cli::add_plan(app, chosen);
    cli::add_status(app, chosen);
    cli::add_failures(app, chosen);
    cli::add_init(app, chosen);
    cli::add_doctor(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        if (argc < 2) {
            std::fputs(app.help().c_str(), stderr);
            return run::ExitCode::usage;
        }
        complain(cli::complaint(app, error));
        return run::ExitCode::usage;
    }
    return run_command(chosen);
}
