#pragma once

#include "app/declaration.hpp"
#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "run/request.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace rowmill::app {

/// What the command line says of a declared job: its parameters, its server, and what overrides its [run].
class JobCommand {
public:
    /// `declaration` must outlive it. Throws Error{usage} for parameters that can't be declared so.
    explicit JobCommand(const Declaration& declaration);

    const Declaration& declaration() const { return declaration_; }
    const std::vector<job::ParamSpec>& params() const { return params_; }

    /// Throws Error{usage} for a parameter that is named as one of the command's own flags.
    void add_params_to(CLI::App& command);
    void add_settings_to(CLI::App& command);

    /// Throws Error{usage} for what is missing or ill-typed.
    run::Request request() const;

    // What another command was told in this one's place.
    void give(const std::string& param, const std::string& text);
    /// Takes what a run was begun with, from the store; what was given on the command line wins. False for a run of
    /// another job or program.
    bool take_definition(const std::string& text);

    cli::ConnectionFlags connection;
    cli::OverrideFlags run_section;

private:
    void add_boolean(CLI::App& command, const job::ParamSpec& spec);
    job::Params read_params(const job::Job& job) const;
    std::string definition() const;

    const Declaration& declaration_;
    const std::vector<job::ParamSpec> params_;
    std::map<std::string, std::string, std::less<>> given_;
    std::set<std::string> stored_settings_;  ///< were taken from the store, and not given now
    bool allow_full_scan_ = false;
};

/// The handler of a declaration, which must outlive it, as a run calls it. A coroutine's threads end with the last copy of it.
run::MakeHandler make_handler(const Declaration& declaration);

}  // namespace rowmill::app
