#include "web/param_fields.hpp"

#include "job/param_value.hpp"
#include "web/pages.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::web {
namespace {

using Type = job::ParamSpec::Type;

constexpr std::string_view secret_prefix = "secret.";

struct Field {
    const job::ParamSpec& spec;
    std::string id, value;
    const std::string* problem = nullptr;
};

std::string bound_text(const job::ParamSpec& spec, double bound) {
    return spec.type == Type::integer && std::abs(bound) < 1e15 ? fmt::format("{:.0f}", std::trunc(bound)) : fmt::format("{}", bound);
}

std::string range_text(const job::ParamSpec& spec) {
    if (spec.min && spec.max) return fmt::format("from {} to {}", bound_text(spec, *spec.min), bound_text(spec, *spec.max));
    if (spec.min) return bound_text(spec, *spec.min) + " or more";
    return spec.max ? bound_text(spec, *spec.max) + " or less" : std::string{};
}

/// What helps to fill it in: its description, type, range and default.
Markup hint(const Field& field) {
    const job::ParamSpec& spec = field.spec;
    std::string facts = std::string{job::name_of(spec.type)};
    if (const std::string range = range_text(spec); !range.empty()) facts += ", " + range;
    if (spec.default_text) facts += spec.secret ? ", has a default" : ", default " + *spec.default_text;
    if (spec.secret) facts += "; a secret: it is not stored and not shown";
    return markup(R"(<p class="hint" id="{}-hint">{}<span class="facts">{}</span></p>)", field.id,
                  spec.description.empty() ? Markup{} : markup("{} ", spec.description), facts);
}

/// What every kind of field has.
Markup attributes(const Field& field) {
    Markup all = markup(R"( id="{0}" name="{1}" aria-describedby="{0}-hint{2}")", field.id, field.spec.name,
                        field.problem != nullptr ? " " + field.id + "-problem" : std::string{});
    if (field.problem != nullptr) all += markup(R"( aria-invalid="true")");
    return all;
}

Markup required(const Field& field) {
    return field.spec.required ? markup(" required") : Markup{};
}

Markup option(const std::string& value, const std::string& text, const Field& field) {
    return markup(R"(<option value="{}"{}>{}</option>)", value, value == field.value ? markup(" selected") : Markup{}, text);
}

Markup choice_field(Field field, const std::vector<std::pair<std::string, std::string>>& choices) {
    // Of what is none of them a browser would choose the first.
    if (std::ranges::find(choices, field.value, &std::pair<std::string, std::string>::first) == choices.end())
        field.value = field.spec.default_text.value_or("");
    Markup options;
    if (!field.spec.default_text) options = markup(R"(<option value="">{}</option>)", field.spec.required ? "Choose…" : "Not given");
    options += each(choices, [&](const auto& one) { return option(one.first, one.second, field); });
    return markup("<select{}{}>{}</select>", attributes(field), required(field), options);
}

Markup number_field(const Field& field) {
    Markup limits;
    if (field.spec.min) limits += markup(R"( min="{}")", bound_text(field.spec, *field.spec.min));
    if (field.spec.max) limits += markup(R"( max="{}")", bound_text(field.spec, *field.spec.max));
    const bool is_whole = field.spec.type == Type::integer;
    // What is no number a browser would not even show, so that nobody saw what the server complains of.
    const bool fits = field.value.find_first_not_of("0123456789+-.eE") == std::string::npos;
    return markup(R"(<input type="{}" inputmode="{}" step="{}"{}{}{} value="{}" autocomplete="off">)", fits ? "number" : "text",
                  is_whole ? "numeric" : "decimal", is_whole ? "1" : "any", limits, attributes(field), required(field), field.value);
}

Markup date_field(const Field& field) {
    // What is no date a browser would not even show.
    const bool fits = field.value.empty() || field.problem == nullptr;
    return markup(R"(<input type="{}" placeholder="2024-12-31" max="9999-12-31"{}{} value="{}">)", fits ? "date" : "text",
                  attributes(field), required(field), field.value);
}

bool is_true(const std::string& text) {
    return text == "true" || text == "1" || text == "yes" || text == "on" || text == "TRUE";
}

/// A box is ticked or not; whether it was given at all it can't say, which a select can.
Markup boolean_field(const Field& field) {
    if (!field.spec.default_text && !field.spec.required) return choice_field(field, {{"true", "true"}, {"false", "false"}});
    return markup(R"(<input type="hidden" name="{}" value="false"><input type="checkbox" value="true"{}{}>)", field.spec.name,
                  attributes(field), is_true(field.value) ? markup(" checked") : Markup{});
}

Markup input(const Field& field) {
    const job::ParamSpec& spec = field.spec;
    if (spec.secret) return markup(R"(<input type="password" autocomplete="off"{}{}>)", attributes(field), required(field));
    switch (spec.type) {
        case Type::integer:
        case Type::number:
            return number_field(field);
        case Type::boolean:
            return boolean_field(field);
        case Type::date:
            return date_field(field);
        case Type::choice: {
            std::vector<std::pair<std::string, std::string>> choices;
            for (const std::string& one : spec.choices) choices.emplace_back(one, one);
            return choice_field(field, choices);
        }
        case Type::string:
            break;
    }
    return markup(R"(<input type="text" autocomplete="off"{}{} value="{}">)", attributes(field), required(field), field.value);
}

Markup field_markup(const Field& field) {
    Markup problem;
    if (field.problem != nullptr) problem = markup(R"(<p class="problem" id="{}-problem">{}</p>)", field.id, *field.problem);
    const Markup mark = field.spec.required ? markup(R"( <span class="required">required</span>)") : Markup{};
    return markup(R"(<div class="field"><label for="{}">{}{}</label>{}{}{}</div>)", field.id, field.spec.name, mark, input(field),
                  problem, hint(field));
}

}  // namespace

Markup param_fields(const job::Job& job, const run::ParamTexts& given, const std::map<std::string, std::string>& problems) {
    std::vector<job::ParamSpec> specs = job.params;
    std::ranges::stable_partition(specs, &job::ParamSpec::required);
    return each(specs, [&](const job::ParamSpec& spec) {
        const auto typed = given.find(spec.name);
        const auto problem = problems.find(spec.name);
        Field field{spec, "param-" + spec.name, spec.default_text.value_or("")};
        if (typed != given.end()) field.value = typed->second;
        if (problem != problems.end()) field.problem = &problem->second;
        return field_markup(field);
    });
}

run::ParamTexts params_of(const job::Job& job, const std::map<std::string, std::string, std::less<>>& form) {
    run::ParamTexts params;
    for (const auto& [name, text] : form) {
        if (name == "csrf" || name == "plan-only") continue;
        const job::ParamSpec* spec = job.find_param(name);
        const bool may_be_empty = spec == nullptr || (spec->type == Type::string && spec->default_text && !spec->secret);
        if (!text.empty() || may_be_empty) params.emplace(name, text);
    }
    return params;
}

std::string secret_field(std::string_view param) {
    return std::string{secret_prefix} + std::string{param};
}

run::ParamTexts secrets_of(const std::map<std::string, std::string, std::less<>>& form) {
    run::ParamTexts secrets;
    for (const auto& [name, text] : form)
        if (name.starts_with(secret_prefix)) secrets.emplace(name.substr(secret_prefix.size()), text);
    return secrets;
}

Markup secret_fields(const std::vector<std::string>& names, std::string_view prefix, bool are_required) {
    const Markup required = are_required ? markup(" required") : Markup{};
    const Markup mark = are_required ? markup(R"( <span class="required">required</span>)") : Markup{};
    const std::string_view when = are_required ? "" : " Needed where none of its workers is left.";
    return each(names, [&](const std::string& name) {
        return markup(R"(<div class="field"><label for="{0}-{1}">{1}{3}</label><input type="password" autocomplete="off"{4} id="{0}-{1}" )"
                      R"(name="{2}"><p class="hint">A secret of this run, which was not stored.{5}</p></div>)",
                      prefix, name, secret_field(name), mark, required, when);
    });
}

}  // namespace rowmill::web
