#pragma once

#include "cli/serve_flags.hpp"
#include "run/request.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rowmill::cli {

/// How a job is worked through, beside which one: what `run` has of flags, and each job of an App.
struct RunFlags {
    std::string progress = "auto";
    std::string summary;
    std::string log_file;
    std::string run_time, until;
    std::string hooks;
    std::string serve;  ///< an address, or "auto"; empty: no page
    ServeFlags page;
    bool dry_run = false, restart = false, yes = false, accept_changes = false, join = false, exit_on_pause = false,
         from_beginning = false, quiet = false;
    std::optional<std::uint64_t> limit, canary;

    void add_to(CLI::App& command);
    /// Those that every command has which works on a run.
    void add_usual_to(CLI::App& command);
    /// Works the job through, listening to signals and telling of the progress, or prints its plan. Returns the exit
    /// code; throws like run::execute. To be called before other threads are made, see Signals.
    int run(run::Request request) const;
};

}  // namespace rowmill::cli
