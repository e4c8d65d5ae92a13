#include "run/definition.hpp"

#include <boost/json.hpp>

namespace rowmill::run {
namespace {

namespace json = boost::json;

void write(json::object& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

void read(const json::object& object, const char* name, std::string& into) {
    const json::value* found = object.if_contains(name);
    if (found != nullptr && found->is_string()) into = found->get_string().c_str();
}

/// Calls `each` with the texts under their keys. Whatever is no text is left out.
template <typename Each>
void read_texts(const json::object& object, const char* name, Each each) {
    const json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_object()) return;
    for (const auto& [key, value] : found->get_object())
        if (value.is_string()) each(std::string{key}, std::string{value.get_string()});
}

}  // namespace

std::pair<std::string, std::string> split_assignment(const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) return {assignment, ""};
    return {assignment.substr(0, equals), assignment.substr(equals + 1)};
}

std::string encode(const Definition& definition) {
    json::object object;
    write(object, "program", definition.program);
    write(object, "file", definition.file);
    write(object, "table", definition.table);
    write(object, "where", definition.where);
    write(object, "sql", definition.sql);
    if (definition.program.empty()) {
        json::array params;
        for (const auto& [name, text] : definition.params) params.emplace_back(name + "=" + text);
        object["params"] = std::move(params);
    } else {
        json::object values;
        for (const auto& [name, text] : definition.params) values[name] = text;
        object["values"] = std::move(values);
    }
    json::object overrides;
    for (const auto& [key, text] : definition.overrides) overrides[key] = text;
    object["overrides"] = std::move(overrides);
    return json::serialize(object);
}

std::optional<Definition> decode_definition(const std::string& text) {
    boost::system::error_code failed;
    const json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) return {};
    const json::object& object = value.get_object();
    Definition definition;
    read(object, "program", definition.program);
    read(object, "file", definition.file);
    read(object, "table", definition.table);
    read(object, "where", definition.where);
    read(object, "sql", definition.sql);
    if (definition.program.empty() && definition.file.empty() && definition.table.empty()) return {};
    const json::value* params = object.if_contains("params");
    if (params != nullptr && params->is_array())
        for (const json::value& param : params->get_array())
            if (param.is_string()) definition.params.push_back(split_assignment(std::string{param.get_string()}));
    const auto keep = [&](std::string name, std::string entry) { definition.params.emplace_back(std::move(name), std::move(entry)); };
    read_texts(object, "values", keep);
    read_texts(object, "overrides", [&](std::string key, std::string entry) { definition.overrides.emplace(std::move(key), std::move(entry)); });
    return definition;
}

}  // namespace rowmill::run
