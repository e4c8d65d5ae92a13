#include "action/exec_command.hpp"

#include "action/exec_verdict.hpp"
#include "process/command_path.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace rowmill::action {
namespace {

std::string argument(ValueView value) {
    if (value.is_null()) throw Error{ErrorKind::row, "a value of the command is NULL"};
    if (value.text().find('\0') != std::string_view::npos)
        throw Error{ErrorKind::row, "a value of the command holds a zero byte"};
    return value.as_string();
}

std::string filled(const job::ItemTemplate& text, const Item& item, const job::Params& params) {
    std::string result;
    for (const auto& part : text.parts()) {
        if (part.kind == job::ItemTemplate::Part::Kind::text) {
            result += part.text;
            continue;
        }
        try {
            result += argument(job::ItemTemplate::value(part, item, params));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::row) throw;
            throw Error{ErrorKind::row, "{" + part.text + "}: " + error.what()};
        }
    }
    return result;
}

/// What rowmill tells every command. Others that begin so are the user's: ROWMILL_DSN.
bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 5> ours{"ROWMILL_RUN", "ROWMILL_JOB", "ROWMILL_KEY", "ROWMILL_ATTEMPT",
                                                   "ROWMILL_TOKEN"};
    return std::find(ours.begin(), ours.end(), name) != ours.end();
}

/// A row without columns, for templates that name none.
Item no_row() {
    static const Block block{std::make_shared<const Shape>()};
    return {block, 0};
}

}  // namespace

CommandTemplate::CommandTemplate(const Outside& outside)
    : params_{outside.params},
      of_run_{"ROWMILL_RUN=" + std::to_string(outside.run), "ROWMILL_JOB=" + outside.job.name} {
    const job::ActionSpec& action = outside.job.action;
    if (action.command.empty())
        throw Error{ErrorKind::usage, "an exec action needs a command: command = [\"./resize.sh\", \"{id}\"]"};
    for (const std::string& text : action.command)
        arguments_.push_back(job::ItemTemplate::parse(text, "action.command"));
    for (const auto& [name, text] : action.env) {
        if (is_ours(name))
            throw Error{ErrorKind::usage, "action.env: " + name + " is set by rowmill itself; take another name"};
        environment_.emplace_back(name, job::ItemTemplate::parse(text, "action.env." + name));
    }
}

process::Command CommandTemplate::render(const Item& item) const {
    process::Command command;
    for (const auto& text : arguments_) command.arguments.push_back(filled(text, item, params_));
    for (const auto& [name, text] : environment_)
        command.environment.push_back(name + "=" + filled(text, item, params_));
    command.environment.insert(command.environment.end(), of_run_.begin(), of_run_.end());
    return command;
}

process::Command CommandTemplate::render() const {
    const auto check = [](const job::ItemTemplate& text) {
        const auto columns = text.columns();
        if (columns.empty()) return;
        throw Error{ErrorKind::usage, "{" + columns[0] +
                                          "} can't stand in the command or env of protocol = \"ndjson\": it is started "
                                          "once for many rows, and gets each row's columns in a line"};
    };
    for (const auto& text : arguments_) check(text);
    for (const auto& [name, text] : environment_) check(text);
    return render(no_row());
}

bool CommandTemplate::names_program_by_row() const {
    return !arguments_[0].columns().empty();
}

void CommandTemplate::check_program() const {
    if (names_program_by_row()) return;
    const char* inherited = std::getenv("PATH");  // NOLINT: nobody sets it
    std::string search = inherited == nullptr ? "/usr/local/bin:/usr/bin:/bin" : inherited;
    for (const auto& [name, text] : environment_) {
        if (name != "PATH") continue;
        if (!text.columns().empty()) return;
        search = filled(text, no_row(), params_);
    }
    const std::string program = filled(arguments_[0], no_row(), params_);
    const process::CommandPath found = process::find_command(program, search);
    if (found.error == 0) return;
    throw Error{ErrorKind::usage, why_not_started({process::Ending::Kind::not_started, found.error, program})};
}

std::vector<std::string> environment_of_item(const Key& key, unsigned attempt, const std::string& token) {
    return {"ROWMILL_KEY=" + display(key), "ROWMILL_ATTEMPT=" + std::to_string(attempt), "ROWMILL_TOKEN=" + token};
}

}  // namespace rowmill::action
