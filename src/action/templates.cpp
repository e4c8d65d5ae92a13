#include "action/outside.hpp"
#include "job/item_template.hpp"
#include "job/sql_token.hpp"

#include <algorithm>

namespace rowmill::action {
namespace {

/// The columns that a template names, beside those already found; the server tells names apart without regard to case.
void add_columns(std::vector<std::string>& columns, const std::string& text, const char* where) {
    for (std::string& name : job::ItemTemplate::parse(text, where).columns()) {
        const auto same = [&name](const std::string& found) { return job::same_name(found, name); };
        if (std::ranges::none_of(columns, same)) columns.push_back(std::move(name));
    }
}

}  // namespace

std::vector<std::string> columns_of_templates(const job::ActionSpec& action) {
    std::vector<std::string> columns;
    for (const std::string& argument : action.command) add_columns(columns, argument, "action.command");
    for (const auto& [name, text] : action.env) add_columns(columns, text, "action.env");
    add_columns(columns, action.url, "action.url");
    for (const auto& [name, text] : action.headers) add_columns(columns, text, "action.headers");
    add_columns(columns, action.body, "action.body");
    return columns;
}

}  // namespace rowmill::action
