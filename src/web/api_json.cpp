#include "web/api_json.hpp"

#include "item/utf8.hpp"
#include "job/param_value.hpp"
#include "job/words.hpp"
#include "progress/cells.hpp"
#include "web/problem.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rowmill::web {
namespace {

namespace json = boost::json;
using progress::valid_utf8;

Problem bad_body(const std::string& sentence) {
    return Problem{400, sentence};
}

std::string text_of_value(std::string_view name, const json::value& value) {
    if (value.is_string()) return std::string{value.get_string()};
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_double()) return fmt::format("{}", value.get_double());
    throw bad_body("\"" + std::string{name} + "\" must be a text, a number, true or false");
}

json::array texts(const std::vector<std::string>& lines) {
    json::array array;
    for (const std::string& line : lines) array.emplace_back(valid_utf8(line));
    return array;
}

/// Whole ones without a fraction: the library would write 1000 as 1E3.
json::value limit(const std::optional<double>& number) {
    if (!number) return nullptr;
    const bool is_whole = std::abs(*number) < 1e15 && std::trunc(*number) == *number;
    return is_whole ? json::value(static_cast<std::int64_t>(*number)) : json::value(*number);
}

json::object param(const job::ParamSpec& spec) {
    json::object object{{"name", spec.name},
                        {"type", job::name_of(spec.type)},
                        {"description", valid_utf8(spec.description)},
                        {"required", spec.required},
                        {"secret", spec.secret},
                        {"min", limit(spec.min)},
                        {"max", limit(spec.max)},
                        {"choices", texts(spec.choices)}};
    object["default"] = spec.default_text && !spec.secret ? json::value(valid_utf8(*spec.default_text)) : json::value(nullptr);
    return object;
}

json::array changes(const std::vector<run::Plan::Change>& sample) {
    json::array array;
    for (const run::Plan::Change& change : sample) {
        json::object columns;
        for (const auto& [name, values] : change.columns) {
            columns[valid_utf8(name)] = {{"before", valid_utf8(values.first)}, {"after", valid_utf8(values.second)}};
        }
        array.push_back({{"key", valid_utf8(change.key)}, {"columns", std::move(columns)}});
    }
    return array;
}

/// The object it is, or the text where it was too long to be stored whole.
json::value item_of(const store::DeadLetterRecord& letter) {
    if (letter.item.empty()) return nullptr;
    const std::string text = valid_utf8(letter.item);
    boost::system::error_code cut;
    json::value item = json::parse(text, cut);
    return cut ? json::value(text) : item;
}

}  // namespace

json::object read_body(const Request& request, const std::vector<std::string>& members) {
    if (request.body.empty()) return {};
    const std::string type = request.header("content-type").value_or("");
    if (type.substr(0, type.find_first_of("; ")) != "application/json") throw Problem{415, "The body must be JSON, with Content-Type: application/json."};
    boost::system::error_code error;
    json::value value = json::parse(request.body, error);
    if (error || !is_utf8(request.body)) throw bad_body("The body is no JSON: " + (error ? error.message() : "it is not UTF-8") + ".");
    if (!value.is_object()) throw bad_body("The body must be a JSON object.");
    // Whoever misspells what is to be done would have more done than was meant: every dead letter, a job without its parameters.
    for (const auto& [name, ignored] : value.get_object()) {
        const std::string member{name};
        if (std::ranges::find(members, member) == members.end())
            throw bad_body("There is no \"" + member + "\" here" + job::suggestion(member, members) + ".");
    }
    return std::move(value.get_object());
}

run::ParamTexts texts_of(const json::object& body, std::string_view member) {
    run::ParamTexts found;
    const json::value* value = body.if_contains(member);
    if (value == nullptr || value->is_null()) return found;
    if (!value->is_object()) throw bad_body("\"" + std::string{member} + "\" must be an object.");
    for (const auto& [name, text] : value->get_object())
        if (!text.is_null()) found[std::string{name}] = text_of_value(name, text);
    return found;
}

std::string text_of(const json::object& body, std::string_view member) {
    const json::value* value = body.if_contains(member);
    if (value == nullptr || value->is_null()) return {};
    if (!value->is_string()) throw bad_body("\"" + std::string{member} + "\" must be a text.");
    return std::string{value->get_string()};
}

bool flag_of(const json::object& body, std::string_view member) {
    const json::value* value = body.if_contains(member);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_bool()) throw bad_body("\"" + std::string{member} + "\" must be true or false.");
    return value->get_bool();
}

std::vector<std::string> list_of(const json::object& body, std::string_view member) {
    std::vector<std::string> found;
    const json::value* value = body.if_contains(member);
    if (value == nullptr || value->is_null()) return found;
    if (!value->is_array()) throw bad_body("\"" + std::string{member} + "\" must be a list of texts.");
    for (const json::value& text : value->get_array()) {
        if (!text.is_string()) throw bad_body("\"" + std::string{member} + "\" must be a list of texts.");
        found.emplace_back(text.get_string());
    }
    if (found.empty()) throw bad_body("\"" + std::string{member} + "\" is an empty list: without it, it is everything.");
    return found;
}

std::string to_json(const std::vector<run::Catalog::Entry>& jobs) {
    json::array array;
    for (const run::Catalog::Entry& job : jobs) {
        json::object object{{"name", valid_utf8(job.name)}, {"description", valid_utf8(job.description)}};
        object["problem"] = job.problem.empty() ? json::value(nullptr) : json::value(valid_utf8(job.problem));
        array.push_back(std::move(object));
    }
    return json::serialize(json::object{{"jobs", std::move(array)}});
}

std::string to_json(const job::Job& job) {
    json::array params;
    for (const job::ParamSpec& spec : job.params) params.push_back(param(spec));
    return json::serialize(json::object{{"name", valid_utf8(job.name)},
                                        {"description", valid_utf8(job.description)},
                                        {"table", valid_utf8(job.source.table)},
                                        {"action", job.action.kind},
                                        {"once", job.once},
                                        {"params", std::move(params)}});
}

std::string to_json(const run::Plan& plan) {
    return json::serialize(json::object{{"server", valid_utf8(plan.server)},
                                        {"table", valid_utf8(plan.table)},
                                        {"key", valid_utf8(plan.key)},
                                        {"filter", valid_utf8(plan.filter)},
                                        {"bound", valid_utf8(plan.bound)},
                                        {"estimated_rows", plan.estimated_rows},
                                        {"promise", plan.promise},
                                        {"work", valid_utf8(plan.work)},
                                        {"page_query", valid_utf8(plan.page_query)},
                                        {"page_plan", texts(plan.page_plan)},
                                        {"statements", texts(plan.statements)},
                                        {"sacks", texts(plan.sacks)},
                                        {"unfinished", valid_utf8(plan.unfinished)},
                                        {"sample", changes(plan.sample)}});
}

std::string to_json(const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after) {
    json::array array;
    for (const store::DeadLetterRecord& letter : letters) {
        array.push_back({{"id", letter.id},
                         {"key", valid_utf8(display(letter.key))},
                         {"attempts", letter.attempts},
                         {"class", valid_utf8(letter.error_class)},
                         {"error", valid_utf8(letter.reason)},
                         {"first_at", letter.first_at},
                         {"last_at", letter.last_at},
                         {"item", item_of(letter)}});
    }
    json::object object{{"dead_letters", std::move(array)}};
    object["more_after"] = more_after ? json::value(*more_after) : json::value(nullptr);
    return json::serialize(object);
}

}  // namespace rowmill::web
