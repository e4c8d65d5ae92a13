#pragma once

#include "cli/command.hpp"

#include <memory>
#include <string>

namespace rowmill::cli {

/// A command line whose commands are added by its owner: rowmill's own, or an App's.
class Program {
public:
    Program(const std::string& description, const std::string& name);
    ~Program();

    CLI::App& app() { return *app_; }
    /// What the chosen command leaves here is done.
    Action& chosen() { return chosen_; }
    /// Tells of the exit codes at the end of the help; once all commands are there, which would have it too.
    void add_exit_codes();

    /// Parses, does what was chosen, and returns the exit code. Complains on stderr, in one line that begins with the
    /// program's name; throws nothing.
    int run(int argc, char** argv);
    /// Complains of the program itself; returns the exit code.
    int refuse(const std::string& sentence) const;

private:
    void complain(const std::string& sentence) const;
    int run_chosen() const;

    std::unique_ptr<CLI::App> app_;
    Action chosen_;
};

}  // namespace rowmill::cli
