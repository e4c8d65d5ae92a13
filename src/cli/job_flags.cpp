#include "cli/job_flags.hpp"

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>

namespace rowmill::cli {
namespace {

std::vector<std::string> names_of(const std::vector<std::string>& assignments) {
    std::vector<std::string> names;
    for (const std::string& assignment : assignments) names.push_back(assignment.substr(0, assignment.find('=')));
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
    namespace json = boost::json;
    json::object object;
    if (!file.empty()) object["file"] = std::filesystem::absolute(file).string();
    if (!table.empty()) object["table"] = table;
    if (!where.empty()) object["where"] = where;
    if (!sql.empty()) object["sql"] = sql;
    json::array given;
    for (const std::string& param : params) {
        const job::ParamSpec* spec = job.find_param(param.substr(0, param.find('=')));
        if (spec == nullptr || !spec->secret) given.emplace_back(param);
    }
    object["params"] = std::move(given);
    json::object settings;
    for (const auto& [key, value] : run_section.given) settings[key] = value;
    object["overrides"] = std::move(settings);
    return json::serialize(object);
}

run::Request JobFlags::request_of(const std::string& definition) {
    if (file.empty()) take_definition(definition);
    return request();
}

void JobFlags::take_definition(const std::string& text) {
    namespace json = boost::json;
    boost::system::error_code failed;
    const json::value value = json::parse(text, failed);
    const bool is_known = !failed && value.is_object() &&
                          (value.as_object().if_contains("file") || value.as_object().if_contains("table"));
    if (!is_known)
        throw Error{ErrorKind::usage, "the store does not say how to find the run's job (it was begun by another version, or by "
                                      "a program of its own); name the job file with --job"};
    const json::object& object = value.as_object();
    const auto read = [&](const char* name, std::string& into) {
        if (const json::value* found = object.if_contains(name)) into = found->as_string().c_str();
    };
    read("file", file);
    read("table", table);
    read("where", where);
    read("sql", sql);
    std::vector<std::string> given;
    if (const json::value* found = object.if_contains("params"))
        for (const json::value& param : found->as_array()) given.emplace_back(param.as_string());
    params.insert(params.begin(), given.begin(), given.end());
    if (const json::value* found = object.if_contains("overrides"))
        for (const auto& [key, setting] : found->as_object())
            if (run_section.given.emplace(std::string{key}, std::string{setting.as_string()}).second)
                stored_settings_.insert(std::string{key});
}

}  // namespace rowmill::cli
