#include "job/param_value.hpp"
#include "job/read.hpp"
#include "job/sections.hpp"
#include "job/sql_token.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::job {

namespace {

const std::vector<std::string> type_names{"integer", "number", "string", "boolean", "date", "choice"};

ParamSpec::Type type_named(std::string_view name) {
    return static_cast<ParamSpec::Type>(std::ranges::find(type_names, name) - type_names.begin());
}

/// A parameter's name is a placeholder's, and none of those that rowmill fills.
void check_name(const Section& section, const Node& node) {
    const std::vector<SqlToken> tokens = tokenize(":" + node.key, "params");
    if (tokens.size() != 1 || tokens.front().kind != SqlToken::Kind::placeholder) {
        section.fail(node, "is no name for a parameter: use letters, digits and _");
    }
    for (const char* taken : {"batch", "range", "ids", "lo", "hi", "filter", "run_id", "run_started_at"}) {
        if (node.key == taken) section.fail(node, "is a placeholder of rowmill's own; choose another name");
    }
}

void check_limits(Section& section, const ParamSpec& spec) {
    const bool numeric = spec.type == ParamSpec::Type::integer || spec.type == ParamSpec::Type::number;
    if (!numeric && (spec.min || spec.max)) {
        section.fail(std::string{"min and max are for integers and numbers, not for a "} +
                     std::string{name_of(spec.type)});
    }
    if (spec.min && spec.max && *spec.min > *spec.max) section.fail("min lies above max");
    const bool is_choice = spec.type == ParamSpec::Type::choice;
    if (is_choice && spec.choices.empty()) section.fail("choices is missing: list what may be chosen");
    if (!is_choice && !spec.choices.empty()) section.fail("choices are for type = \"choice\"");
}

ParamSpec read_param(Section section, const std::string& name) {
    ParamSpec spec;
    spec.name = name;
    if (const auto type = section.choice("type", type_names)) spec.type = type_named(*type);
    assign(spec.description, section.text("description"));
    assign(spec.required, section.boolean("required"));
    assign(spec.secret, section.boolean("secret"));
    spec.choices = section.names("choices");
    spec.min = section.number("min");
    spec.max = section.number("max");
    const Node* fallback = section.find("default");
    section.refuse_unknown();
    check_limits(section, spec);
    if (fallback == nullptr) return spec;
    if (spec.required) section.fail(*fallback, "means nothing for a parameter that is required; leave one of them out");
    if (fallback->kind == Node::Kind::list || fallback->kind == Node::Kind::table)
        section.fail(*fallback, "must be one value");
    parse_param_value(spec, fallback->text, section.subject(*fallback));
    spec.default_text = fallback->text;
    return spec;
}

std::string known_params(const Job& job) {
    if (job.params.empty()) return "; the job has no parameters";
    std::vector<std::string> names;
    for (const ParamSpec& spec : job.params) names.push_back(spec.name + (spec.required ? " (required)" : ""));
    return "; the job's parameters are " + join_quoted(names, " and ");
}

}  // namespace

std::vector<ParamSpec> read_params(Section params) {
    std::vector<ParamSpec> specs;
    if (!params.is_there()) return specs;
    for (const Node& node : params.entries()) {
        check_name(params, node);
        specs.push_back(read_param(params.section(node.key), node.key));
    }
    return specs;
}

Params parse_params(const Job& job, const std::vector<std::string>& assignments) {
    Params params;
    for (const std::string& assignment : assignments) {
        const std::size_t equals = assignment.find('=');
        const std::string name = assignment.substr(0, equals);
        const ParamSpec* spec = job.find_param(name);
        if (spec == nullptr) {
            std::vector<std::string> names;
            for (const ParamSpec& known : job.params) names.push_back(known.name);
            throw Error{ErrorKind::usage,
                        "there is no parameter \"" + name + "\"" + suggestion(name, names) + known_params(job)};
        }
        if (equals == std::string::npos)
            throw Error{ErrorKind::usage, "--param " + name + " needs a value: " + name + "=…"};
        Value value =
            parse_param_value(*spec, std::string_view{assignment}.substr(equals + 1), "the parameter " + name);
        if (!params.emplace(name, std::move(value)).second) {
            throw Error{ErrorKind::usage, "the parameter " + name + " is given twice"};
        }
    }
    for (const ParamSpec& spec : job.params) {
        if (params.contains(spec.name)) continue;
        if (spec.required) {
            throw Error{ErrorKind::usage, "the parameter " + spec.name + " (" + std::string{name_of(spec.type)} +
                                              ") is missing: give it as --param " + spec.name + "=…" +
                                              known_params(job)};
        }
        params.emplace(spec.name, spec.default_text ? parse_param_value(spec, *spec.default_text, spec.name) : Value{});
    }
    return params;
}

}  // namespace rowmill::job
