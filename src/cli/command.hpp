#pragma once

#include "db/connector.hpp"
#include "db/login.hpp"
#include "run/request.hpp"

#include <cstdint>
#include <functional>
#include <string>

// CLI11 costs every file that includes it a second; most only pass it on.
namespace CLI {
class App;
}

namespace rowmill::run {
class Steering;
}

namespace rowmill::cli {

/// What a subcommand leaves for `main` to do once the command line is parsed: its work, and its exit code.
using Action = std::function<int()>;

/// The flags that say where the server is, as MySQL's own clients have them.
struct ConnectionFlags {
    db::LoginFlags login;
    std::string store_schema;  ///< empty: as the job says, else "rowmill"

    void add_to(CLI::App& command);
    /// Throws Error{usage} where there is no such run.
    run::Steering steering(std::uint64_t run) const;
    std::string schema_or(const std::string& otherwise) const {
        return store_schema.empty() ? otherwise : store_schema;
    }
};

/// A subcommand whose help is `--help` alone: `-h` is the host.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description);

/// Prints a job's plan on stdout; with `sample`, that many rows before and after, rolled back. Stores nothing.
int print_plan(const run::Request& request, std::uint64_t sample);

void add_run(CLI::App& app, Action& chosen);
void add_plan(CLI::App& app, Action& chosen);
void add_status(CLI::App& app, Action& chosen);
void add_failures(CLI::App& app, Action& chosen);
void add_retry(CLI::App& app, Action& chosen);
void add_pause(CLI::App& app, Action& chosen);
void add_resume(CLI::App& app, Action& chosen);
void add_cancel(CLI::App& app, Action& chosen);
void add_set(CLI::App& app, Action& chosen);
void add_serve(CLI::App& app, Action& chosen);
void add_init(CLI::App& app, Action& chosen);
void add_doctor(CLI::App& app, Action& chosen);

}  // namespace rowmill::cli
