#include "app/declaration.hpp"

#include "job/sections.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <string_view>

namespace rowmill::app {
namespace {

using Kind = job::Node::Kind;

/// What `each_batch` and the like would do with rows that have two handlers, nobody can tell.
void check_handler(const Declaration& declaration) {
    const bool has_sql = !declaration.action.items.empty();
    if (declaration.is_handled_twice || (has_sql && declaration.has_handler()))
        throw Error{ErrorKind::usage,
                    declaration.place + ": say once what is done with a row: each, each_batch or sql"};
    if (!has_sql && !declaration.has_handler())
        throw Error{ErrorKind::usage,
                    declaration.place + ": what is to be done with a row? Say each, each_batch or sql"};
}

bool is_throttle(std::string_view key) {
    return std::ranges::any_of(job::overridable_keys(), [key](const auto& known) { return known.key == key && known.section == "throttle"; });
}

job::Section section(const Declaration& declaration, const job::Node& table, const std::string& path) {
    return {&table, path, declaration.place};
}

}  // namespace

Declaration::Declaration(const std::string& program, std::string job_name, std::string job_description)
    : place{program + " " + job_name}, name{std::move(job_name)}, description{std::move(job_description)} {
    for (job::Node* table : {&params, &source, &action, &session, &run}) {
        table->kind = Kind::table;
        table->place = table->key_place = place;
    }
}

job::Node& Declaration::put(job::Node& table, const std::string& key, Kind kind, std::string text) const {
    std::erase_if(table.items, [&key](const job::Node& entry) { return entry.key == key; });
    job::Node& node = table.items.emplace_back();
    node.kind = kind;
    node.text = std::move(text);
    node.key = key;
    node.place = node.key_place = place;
    return node;
}

void Declaration::put_text(job::Node& table, const std::string& key, const std::string& text) const {
    put(table, key, Kind::text, text);
}

void Declaration::put_integer(job::Node& table, const std::string& key, std::uint64_t number) const {
    job::Node& node = put(table, key, Kind::integer, std::to_string(number));
    node.integer = static_cast<std::int64_t>(number);
    node.number = static_cast<double>(number);
}

void Declaration::put_number(job::Node& table, const std::string& key, double number) const {
    put(table, key, Kind::number, std::to_string(number)).number = number;
}

void Declaration::put_boolean(job::Node& table, const std::string& key, bool value) const {
    put(table, key, Kind::boolean, value ? "true" : "false").boolean = value;
}

void Declaration::put_list(job::Node& table, const std::string& key, const std::vector<std::string>& texts) const {
    job::Node& list = put(table, key, Kind::list, "");
    for (const std::string& text : texts) {
        job::Node item;
        item.text = text;
        item.place = place;
        list.items.push_back(std::move(item));
    }
}

job::Node& Declaration::put_table(job::Node& table, const std::string& key) const {
    return put(table, key, Kind::table, "");
}

job::Job read_declaration(const Declaration& declaration, const job::Overrides& overrides) {
    check_handler(declaration);
    job::Node run = declaration.run;
    job::Node throttle;  // a declaration says nothing of it
    throttle.kind = Kind::table;
    throttle.place = throttle.key_place = declaration.place;
    for (const auto& [key, text] : overrides) {
        job::Node& table = is_throttle(key) ? throttle : run;
        std::erase_if(table.items, [&key = key](const job::Node& entry) { return entry.key == key; });
        table.items.push_back(job::flag(key, text));
    }
    job::Job job;
    job.file = declaration.place;
    job.name = declaration.name;
    job.description = declaration.description;
    job.once = declaration.once;
    job.params = job::read_params(section(declaration, declaration.params, "params"));
    job.source = job::read_source(section(declaration, declaration.source, "source"), job.params);
    if (declaration.has_handler())
        job.action.kind = "handler";
    else
        job.action = job::read_action(section(declaration, declaration.action, "action"), job.params);
    job.session = job::read_session(section(declaration, declaration.session, "session"));
    job.run = job::read_run(section(declaration, run, "run"));
    job.throttle = job::read_throttle(section(declaration, throttle, "throttle"));
    return job;
}

}  // namespace rowmill::app
