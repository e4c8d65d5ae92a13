#pragma once

#include "job/job.hpp"
#include "job/statement.hpp"
#include "table/description.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rowmill::action {

/// What a placeholder of a statement stands for.
enum class Placeholder : std::uint8_t {
    constant,  ///< a parameter, `:run_id`, `:run_started_at`
    filter,
    batch,  ///< `:batch`, `:ids`, `:lo`, `:hi`
    range,
    column,  ///< a key or selected column: the row's value
    unknown,
};

/// Keywords win over parameters, parameters over columns; `prepare` refuses what would be ambiguous.
Placeholder classify(std::string_view name, const job::Job& job, const Shape& shape);

/// The names that a parameter can't have.
const std::vector<std::string>& reserved_placeholders();

/// "action.statement", "action.statements[2]" or "--sql".
std::string place_of_statement(const job::Job& job, std::size_t index);

/// "source.where" or "--where".
std::string place_of_filter(const job::Job& job);

/// What a filter may say, and what a statement may.
std::vector<std::string> param_names(const job::Job& job);
std::vector<std::string> placeholder_names(const job::Job& job, const Shape& shape);

/// Throws Error{usage} that says which placeholders there are, and which one was probably meant.
[[noreturn]] void refuse_unknown(const std::string& place, const std::string& name,
                                 const std::vector<std::string>& known);

}  // namespace rowmill::action
