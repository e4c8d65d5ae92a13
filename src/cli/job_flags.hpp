#pragma once

#include "cli/command.hpp"
#include "job/read.hpp"
#include "run/request.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace rowmill::cli {

/// The flags that override a job's `[run]`.
struct OverrideFlags {
    std::map<std::string, std::string> given;

    /// `over`: what they win over, for the help.
    void add_to(CLI::App& command, const std::string& over);
    job::Overrides overrides() const { return {given.begin(), given.end()}; }
};

/// The flags that name a job: a file, or `--table`, `--where` and `--sql`; its parameters; and what overrides its
/// `[run]`. Shared by `run` and `plan`.
struct JobFlags {
    ConnectionFlags connection;
    std::string file, table, where, sql;
    std::vector<std::string> params;
    OverrideFlags run_section;
    bool allow_full_scan = false;

    void add_to(CLI::App& command);
    /// The same for a command that goes on with a run: the job file only where it has moved, parameters, and what overrides
    /// `[run]`.
    void add_settings_to(CLI::App& command);
    /// Throws Error{usage}.
    run::Request request() const;
    /// The same, of what a run was begun with, as the store has it; what was given on the command line wins. Throws Error{usage}.
    run::Request request_of(const std::string& definition);

private:
    void add_values_to(CLI::App& command);
    void take_definition(const std::string& text);

    std::set<std::string> stored_settings_;  ///< were taken from the store, and not given now

    /// How to find the job again, as JSON, without secrets.
    std::string definition(const job::Job& job) const;
};

}  // namespace rowmill::cli
