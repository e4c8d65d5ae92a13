#include "app/job_command.hpp"

#include "job/param_value.hpp"
#include "job/sections.hpp"
#include "run/definition.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace rowmill::app {
namespace {

/// In flight at once, at most.
constexpr std::uint64_t most_rows = 1'000'000;

std::string with_dashes(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

/// Under its own name, and with dashes.
std::string flags_of(const std::string& param) {
    const std::string dashed = with_dashes(param);
    return "--" + param + (dashed == param ? "" : ",--" + dashed);
}

std::string type_of(const job::ParamSpec& spec) {
    if (spec.type != job::ParamSpec::Type::choice) return std::string{job::name_of(spec.type)};
    std::string text;
    for (const std::string& choice : spec.choices) text += (text.empty() ? "" : "|") + choice;
    return text;
}

std::string help_of(const job::ParamSpec& spec) {
    if (!spec.default_text) return spec.description + (spec.required ? "" : " (may be left out)");
    return spec.description + " (" + (spec.secret ? "***" : *spec.default_text) + ")";
}

/// So that what is wrong with a job is found when the program is written, and not when that job is called.
std::vector<job::ParamSpec> checked_params(const Declaration& declaration) {
    return read_declaration(declaration, {}).params;
}

}  // namespace

JobCommand::JobCommand(const Declaration& declaration)
    : declaration_{declaration}, params_{checked_params(declaration)} {}

void JobCommand::add_params_to(CLI::App& command) {
    for (const job::ParamSpec& spec : params_) {
        if (command.get_option_no_throw("--" + with_dashes(spec.name)) != nullptr)
            throw Error{ErrorKind::usage, declaration_.place + ": the parameter " + spec.name +
                                              " would hide the flag --" + with_dashes(spec.name) +
                                              "; choose another name"};
        const auto take = [this, name = spec.name](const std::string& text) { give(name, text); };
        if (spec.type == job::ParamSpec::Type::boolean) {
            add_boolean(command, spec);
            continue;
        }
        command.add_option_function<std::string>(spec.name + "," + flags_of(spec.name), take, help_of(spec))
            ->type_name(type_of(spec))
            ->required(spec.required);
    }
    if (!params_.empty())
        command.footer("Each of the arguments may be given by its name too: --" + with_dashes(params_.front().name) +
                       " VALUE.");
}

/// `--force` alone says yes; as an argument it is told in a word.
void JobCommand::add_boolean(CLI::App& command, const job::ParamSpec& spec) {
    const auto take = [this, name = spec.name](const std::string& text) { give(name, text.empty() ? "true" : text); };
    command.add_option_function<std::string>(spec.name, take, help_of(spec))->type_name(type_of(spec));
    command.add_option_function<std::string>(flags_of(spec.name), take, spec.description)
        ->type_name("[true|false]")
        ->expected(0, 1);
}

void JobCommand::give(const std::string& param, const std::string& text) {
    if (!given_.emplace(param, text).second) throw Error{ErrorKind::usage, param + " is given twice"};
}

void JobCommand::add_settings_to(CLI::App& command) {
    command.add_flag("--allow-full-scan", allow_full_scan_,
                     "Go on although a page or a statement scans its whole table");
    run_section.add_to(command, "the program's own");
    connection.add_to(command);
}

job::Params JobCommand::read_params(const job::Job& job) const {
    job::Params params;
    for (const job::ParamSpec& spec : job.params) {
        const auto given = given_.find(spec.name);
        if (given != given_.end())
            params.emplace(spec.name, job::parse_param_value(spec, given->second, spec.name));
        else if (spec.default_text)
            params.emplace(spec.name, job::parse_param_value(spec, *spec.default_text, spec.name));
        else if (!spec.required)
            params.emplace(spec.name, Value{});
        else
            throw Error{ErrorKind::usage, spec.name + " (" + type_of(spec) + ") is missing"};
    }
    return params;
}

run::Request JobCommand::request() const {
    run::Request request;
    request.job = read_declaration(declaration_, run_section.overrides());
    request.job.store_schema = connection.schema_or(request.job.store_schema);
    request.params = read_params(request.job);
    request.login = db::resolve_login(connection.login);
    request.allow_full_scan = allow_full_scan_;
    request.definition = definition();
    for (const auto& [key, value] : run_section.given)
        if (!stored_settings_.contains(key)) request.given_settings.insert(key);
    if (std::holds_alternative<BatchFunction>(declaration_.handler)) {
        job::RunSpec& run = request.job.run;
        request.handler_items = run.batch;
        // Counted in rows, as everywhere: where nothing is said, room for a call of each worker.
        const bool is_said =
            run_section.given.contains("concurrency") || declaration_.run.find("concurrency") != nullptr;
        if (!is_said)
            run.concurrency = static_cast<unsigned>(std::min<std::uint64_t>(run.workers * run.batch, most_rows));
    }
    return request;
}

std::string JobCommand::definition() const {
    run::Definition definition{.program = declaration_.place, .file = {}, .table = {}, .where = {}, .sql = {}};
    for (const job::ParamSpec& spec : params_) {
        const auto given = given_.find(spec.name);
        if (given != given_.end() && !spec.secret) definition.params.emplace_back(*given);
    }
    definition.overrides = run_section.given;
    return run::encode(definition);
}

bool JobCommand::take_definition(const std::string& text) {
    const auto definition = run::decode_definition(text);
    if (!definition || definition->program != declaration_.place) return false;
    for (const auto& [name, value] : definition->params) given_.emplace(name, value);
    for (const auto& [key, setting] : definition->overrides)
        if (run_section.given.emplace(key, setting).second) stored_settings_.insert(key);
    return true;
}

}  // namespace rowmill::app
