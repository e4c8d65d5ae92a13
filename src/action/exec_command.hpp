#pragma once

#include "action/outside.hpp"
#include "job/item_template.hpp"
#include "process/child.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rowmill::action {

/// The command of an exec action before a row is filled in. No shell reads it: a value is one argument, or a part of
/// one, whatever it holds. Immutable; thread-safe.
class CommandTemplate {
public:
    /// Throws Error{usage} for an empty command, and for what cannot be a template.
    explicit CommandTemplate(const Outside& outside);

    /// Throws Error{row} for NULL and for a zero byte, which can't stand in an argument or the environment.
    process::Command render(const Item& item) const;
    /// Likewise, without a row: throws Error{usage} where a template names a column.
    process::Command render() const;
    /// True where the program's name depends on the row.
    bool names_program_by_row() const;
    /// Throws Error{usage} where there is no such program, or it may not be executed; nothing where only the row tells.
    void check_program() const;

private:
    const job::Params params_;
    std::vector<job::ItemTemplate> arguments_;
    std::vector<std::pair<std::string, job::ItemTemplate>> environment_;
    std::vector<std::string> of_run_;  ///< ROWMILL_RUN and ROWMILL_JOB
};

/// What else a command is told of its row: ROWMILL_KEY, ROWMILL_ATTEMPT and ROWMILL_TOKEN.
std::vector<std::string> environment_of_item(const Key& key, unsigned attempt, const std::string& token);

}  // namespace rowmill::action
