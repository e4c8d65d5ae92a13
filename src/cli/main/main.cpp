#include "cli/command.hpp"
#include "cli/program.hpp"
#include "process/supervise.hpp"

#include <CLI/CLI.hpp>

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
    "  rowmill status                                            how the newest run stands\n"
    "  rowmill serve --jobs jobs/                                the same in a browser, live; begins runs of these job files\n";

}  // namespace

int main(int argc, char** argv) {
    using namespace rowmill;
    process::supervise_if_asked(argc, argv);
    cli::Program program{description, "rowmill"};
    CLI::App& app = program.app();
    app.set_version_flag("--version", std::string{"rowmill "} + ROWMILL_VERSION, "Show the version");
    cli::add_run(app, program.chosen());
    cli::add_plan(app, program.chosen());
    cli::add_status(app, program.chosen());
    cli::add_failures(app, program.chosen());
    cli::add_retry(app, program.chosen());
    cli::add_pause(app, program.chosen());
    cli::add_resume(app, program.chosen());
    cli::add_cancel(app, program.chosen());
    cli::add_set(app, program.chosen());
    cli::add_serve(app, program.chosen());
    cli::add_init(app, program.chosen());
    cli::add_doctor(app, program.chosen());
    program.add_exit_codes();
    return program.run(argc, argv);
}
