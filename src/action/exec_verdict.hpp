#pragma once

#include "process/child.hpp"

#include <rowmill/error.hpp>
#include <rowmill/outcome.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace rowmill::action {

/// What a command that was run for one row has left behind.
struct Remains {
    process::Ending ending;
    std::string_view output, errors;   ///< the ends of its stdout and stderr
    std::string_view last_class;       ///< the error class of the attempt before
    bool program_is_the_rows = false;  ///< the program's name came from the row
};

/// What became of the row: exit 0 is a success, 75 a retry, 64 a skip, else a failure; the reason is the last line of
/// stderr, or of stdout where that is empty. A death by a signal is a retry, and the second in a row a failure. An
/// Error where the command could not be started for any row. Pure.
std::variant<Outcome, Error> judge(const Remains& remains);

/// Why a command can't be started, in a sentence that says what to do. Pure.
std::string why_not_started(const process::Ending& ending);
/// True where that would be the same for every row.
bool is_the_commands_fault(const process::Ending& ending);

/// "SEGV"
std::string signal_name(int number);

}  // namespace rowmill::action
