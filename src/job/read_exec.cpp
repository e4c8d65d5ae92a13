#include "job/row_texts.hpp"
#include "job/sections.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::job {

namespace {

void refuse_zero(const RowTexts::Text& read, const std::string& where) {
    if (read.text.find('\0') == std::string::npos) return;
    throw Error{ErrorKind::usage, where + " holds a zero byte, which no process can be given"};
}

/// A coprocess is there before its rows are.
void refuse_columns(const ItemTemplate& parsed, const std::string& where) {
    if (parsed.columns().empty()) return;
    throw Error{ErrorKind::usage,
                where + " names {" + parsed.columns().front() +
                    "}, but with protocol = \"ndjson\" the command is started once, not for each row; "
                    "take the column from the lines that it reads"};
}

void read_command(Section& action, RowTexts& texts, ActionSpec& spec) {
    const Node* command = action.find("command");
    if (command == nullptr) return;
    const std::string form = "a list of texts, [\"PROGRAM\", \"ARGUMENT\", \"{column}\"]: it is run without a shell";
    if (command->kind != Node::Kind::list || command->items.empty())
        action.fail(*command, "must be " + form + ", not " + command->description());
    for (const Node& item : command->items) {
        const std::string where = item.place + ": action.command";
        RowTexts::Text argument = texts.read(item, where, "command " + std::to_string(spec.command.size() + 1));
        refuse_zero(argument, where);
        if (spec.ndjson) refuse_columns(argument.parsed, where);
        if (spec.command.empty() && !argument.parsed.columns().empty())
            action.fail(*command, "takes the program to run from a row; name the program itself");
        spec.command.push_back(std::move(argument.text));
    }
    if (spec.command.front().empty()) action.fail(*command, "names no program: its first text is empty");
}

void check_variable(const Section& env, const Node& variable) {
    const std::string& name = variable.key;
    if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos)
        env.fail(variable, "is not the name of an environment variable");
    for (const char* ours : {"ROWMILL_RUN", "ROWMILL_JOB", "ROWMILL_KEY", "ROWMILL_ATTEMPT", "ROWMILL_TOKEN"}) {
        if (name == ours) env.fail(variable, "is set by rowmill; choose another name");
    }
}

void read_env(Section env, RowTexts& texts, ActionSpec& spec) {
    if (!env.is_there()) return;
    for (const Node& variable : env.entries()) {
        check_variable(env, variable);
        const std::string where = env.subject(variable);
        RowTexts::Text value = texts.read(variable, where, "env " + variable.key);
        refuse_zero(value, where);
        if (spec.ndjson) refuse_columns(value.parsed, where);
        spec.env.emplace_back(variable.key, std::move(value.text));
    }
}

}  // namespace

void read_exec(Section& action, const std::vector<ParamSpec>& params, ActionSpec& spec) {
    RowTexts texts{spec, params};
    spec.ndjson = action.choice("protocol", {"lines", "ndjson"}) == "ndjson";
    read_command(action, texts, spec);
    read_env(action.section("env"), texts, spec);
    action.refuse_unknown();
    if (spec.command.empty()) action.fail("command is missing: kind = \"exec\" needs the program to run");
}

}  // namespace rowmill::job
