#include "cli/command.hpp"
#include "cli/complaint.hpp"
#include "progress/cells.hpp"
#include "run/request.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

constexpr const char* description =
    "rowmill works through a MySQL or MariaDB table row by row, in parallel, and can always be stopped and started "
    "again\n"
    "without losing or repeating work.\n\n"
    "  rowmill doctor                                            is this server fit for it?\n"
    "  rowmill plan fix-invoices.toml --param publisher_id=6     what would be done; changes nothing\n"
    "  rowmill run fix-invoices.toml --param publisher_id=6      does it; after a stop, a kill or a crash goes on with "
    "it\n"
    "  rowmill run --table books --sql 'UPDATE books SET price = price * 1.05 WHERE id = :id' -D bookshop\n"
    "  rowmill status                                            how the newest run stands\n";

constexpr const char* exit_codes =
    "Exit codes:\n"
    "  0   every row succeeded or was skipped\n"
    "  1   the run failed; it can be resumed when the cause is mended\n"
    "  2   bad usage, a bad job, or whatever else is found before the first row is handled\n"
    "  3   done, but for dead letters: rows whose work failed (rowmill failures RUN)\n"
    "  4   stopped; the same command goes on with it\n"
    "  5   cancelled\n"
    "  69  the server can't be reached\n"
    "  75  another process works on this run\n\n"
    "What is for people goes to stderr, data to stdout. rowmill COMMAND --help tells the flags of a command.";

/// Of the flags' names, in the help texts.
constexpr std::size_t name_width = 34;

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
    app.set_version_flag("--version", std::string{"rowmill "} + ROWMILL_VERSION, "Show the version");
    app.get_formatter()->column_width(name_width);
    app.require_subcommand(1);
    cli::Action chosen;
    cli::add_run(app, chosen);
    cli::add_plan(app, chosen);
    cli::add_status(app, chosen);
    cli::add_failures(app, chosen);
    cli::add_init(app, chosen);
    cli::add_doctor(app, chosen);
    app.footer(exit_codes);  // last: a command begun after it would have it too
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
