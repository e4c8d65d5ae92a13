#include "cli/complaint.hpp"

#include "job/read.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace rowmill::cli {
namespace {

constexpr std::array<std::string_view, 3> later_commands{"queue", "serve", "completion"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string about_command(const CLI::App& app, const std::string& path, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    if (contains(later_commands, word)) return path + " " + word + " is not available in this version";
    const auto meant = job::nearest(word, known);
    return "there is no command " + word + (meant ? "; did you mean " + *meant + "?" : "; there are " + list(known));
}

/// As mysql's own clients take it, and as it must not be repeated.
bool is_password(const std::string& word) {
    const bool short_flag = word.starts_with("-p");
    return short_flag || word == "--password" || word.starts_with("--password=");
}

std::string about_argument(const CLI::App& command, const std::string& word) {
    if (is_password(word))
        return "a password is no argument, which others on this machine could read: use --password-file, ~/.my.cnf or "
               "ROWMILL_DSN";
    if (!word.starts_with("-")) return word + " is one argument too many";
    const std::string flag = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    const auto meant = job::nearest(flag, known);
    return "there is no flag " + flag + (meant ? "; did you mean " + *meant + "?" : "");
}

/// The value of a flag that takes a number: all others take what they are given.
std::string about_value(std::string_view told) {
    constexpr std::string_view start = "Could not convert: ";
    if (!told.starts_with(start)) return std::string{told};
    told.remove_prefix(start.size());
    const std::size_t equals = told.find(" = ");
    return std::string{told.substr(0, equals)} + " must be a whole number, not '" +
           std::string{told.substr(std::min(told.size(), equals + 3))} + "'";
}

/// "--table: 1 required TEXT missing", or "--table: At Most 1 required but received 2"
std::string about_count(std::string_view told) {
    const bool is_too_often = told.find("but received") != std::string_view::npos;
    return std::string{told.substr(0, told.find(':'))} + (is_too_often ? " is given twice" : " needs a value after it");
}

/// "RUN is required". What is an argument as well as a flag is told as the argument, and of which type.
std::string about_missing(const CLI::App& command, const std::string& told) {
    constexpr std::string_view end = " is required";
    if (!told.ends_with(end)) return told;
    std::string name = told.substr(0, told.size() - end.size());
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option != nullptr && option->get_positional() && !option->get_type_name().empty())
        name = option->get_name(true, false) + " (" + option->get_type_name() + ")";
    return name + " is missing";
}

}  // namespace

std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App* command = &app;
    std::string path = app.get_name();
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().front();
        path += " " + command->get_name();
    }
    const std::vector<std::string> extras = app.remaining(true);
    const std::string help = " (see " + path + " --help)";
    if (command->get_require_subcommand_min() > 0) {
        const std::string said = extras.empty()               ? "no command is given"
                                 : extras[0].starts_with("-") ? about_argument(*command, extras[0])
                                                              : about_command(*command, path, extras[0]);
        return said + help;
    }
    if (!extras.empty()) return about_argument(*command, extras[0]) + help;
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) return about_value(error.what()) + help;
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return about_count(error.what()) + help;
    return about_missing(*command, error.what()) + help;
}

}  // namespace rowmill::cli
