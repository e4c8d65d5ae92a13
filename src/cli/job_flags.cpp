#include "cli/job_flags.hpp"

#include "run/definition.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>

namespace rowmill::cli {
namespace {

std::vector<std::string> names_of(const std::vector<std::string>& assignments) {
    std::vector<std::string> names;
    for (const std::string& assignment : assignments) names.push_back(run::split_assignment(assignment).first);
    return names;
}

}  // namespace

void OverrideFlags::add_to(CLI::App& command, const std::string& over) {
    for (const job::OverridableKey& key : job::overridable_keys()) {
        std::string flag = "--" + std::string{key.key};
        std::replace(flag.begin(), flag.end(), '_', '-');
        const std::string name{key.key};
        command
            .add_option_function<std::string>(
                flag, [this, name](const std::string& value) { given[name] = value; }, std::string{key.help})
            ->type_name(std::string{key.value_name})
            ->group("[" + std::string{key.section} + "], over " + over);
    }
}

void JobFlags::add_to(CLI::App& command) {
    command.add_option("JOB", file, "Job file (TOML)")->type_name("");
    const std::string ad_hoc = "A job without a file";
    command.add_option("--table", table, "Table, or database.table")->type_name("NAME")->group(ad_hoc);
    command.add_option("--where", where, "Filter: only rows for which it holds")->type_name("SQL")->group(ad_hoc);
    command.add_option("--sql", sql, "Statement, with placeholders (below); without it rows are only read")
        ->type_name("SQL")
        ->group(ad_hoc);
    add_values_to(command);
    command.add_flag("--allow-full-scan", allow_full_scan,
                     "Go on although a page or a statement scans its whole table");
    connection.add_to(command);
}

void JobFlags::add_settings_to(CLI::App& command) {
    command.add_option("--job", file, "The job file, where it is not where it was")->type_name("FILE");
    add_values_to(command);
}

void JobFlags::add_values_to(CLI::App& command) {
    command.add_option("--param", params, "Value of the parameter :NAME; may be repeated")
        ->type_name("NAME=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    run_section.add_to(command, "the job file's");
}

run::Request JobFlags::request() const {
    if (file.empty() == table.empty())
        throw Error{ErrorKind::usage, file.empty() ? "name a job file, or a table with --table"
                                                   : "a job file and --table can't be combined"};
    if (!file.empty() && (!where.empty() || !sql.empty()))
        throw Error{ErrorKind::usage, "--where and --sql belong to --table; a job file says both itself"};
    if (file.starts_with("mysql://"))
        throw Error{ErrorKind::usage, "a DSN is no job file: put it into ROWMILL_DSN, or after --dsn"};
    const job::Overrides given = run_section.overrides();
    run::Request request;
    request.job =
        file.empty() ? job::ad_hoc_job(table, where, sql, given, names_of(params)) : job::read_job(file, given);
    request.job.store_schema = connection.schema_or(request.job.store_schema);
    request.params = job::parse_params(request.job, params);
    request.login = db::resolve_login(connection.login);
    request.allow_full_scan = allow_full_scan;
    request.definition = definition(request.job);
    for (const auto& [key, value] : run_section.given)
        if (!stored_settings_.contains(key)) request.given_settings.insert(key);
    return request;
}

std::string JobFlags::definition(const job::Job& job) const {
    run::Definition definition{.program = {}, .file = {}, .table = table, .where = where, .sql = sql};
    if (!file.empty()) definition.file = std::filesystem::absolute(file).string();
    for (const std::string& param : params) {
        auto assignment = run::split_assignment(param);
        const job::ParamSpec* spec = job.find_param(assignment.first);
        if (spec == nullptr || !spec->secret) definition.params.push_back(std::move(assignment));
    }
    definition.overrides = run_section.given;
    return run::encode(definition);
}

run::Request JobFlags::request_of(const std::string& definition) {
    if (file.empty()) take_definition(definition);
    return request();
}

void JobFlags::take_definition(const std::string& text) {
    const auto definition = run::decode_definition(text);
    if (!definition || !definition->program.empty())
        throw Error{ErrorKind::usage, "the store does not say how to find the run's job (it was begun by another version, or by "
                                      "a program of its own); name the job file with --job"};
    file = definition->file;
    table = definition->table;
    where = definition->where;
    sql = definition->sql;
    std::vector<std::string> given;
    for (const auto& [name, value] : definition->params) given.push_back(name + "=" + value);
    params.insert(params.begin(), given.begin(), given.end());
    for (const auto& [key, setting] : definition->overrides)
        if (run_section.given.emplace(key, setting).second) stored_settings_.insert(key);
}

}  // namespace rowmill::cli
