#pragma once

#include "engine/lane.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::action {

/// What an action is made from whose work is done outside of the database, one row at a time. Copied freely; thread-safe.
struct Outside {
    job::Job job;
    job::Params params;
    std::uint64_t run = 0;
    std::string run_token;  ///< of the run, random
    unsigned slots = 1;     ///< items in flight at once, at most
    /// Tells what happened to which row, for the log. From any thread; the line holds no secret.
    std::function<void(const std::string&)> log;
};

/// An idempotency key: the same for all attempts of one row in one run, also after a crash; another one for each other row. 32
/// hexadecimal digits.
std::string idempotency_token(const std::string& run_token, const Key& key);

/// The columns that an exec or http action's templates name. Throws Error{usage} for what cannot be a template.
std::vector<std::string> columns_of_templates(const job::ActionSpec& action);

/// One process a row, or coprocesses (`job.action.ndjson`). Starts nothing before the first row.
std::shared_ptr<engine::Action> exec_action(const Outside& outside);

/// One HTTP request a row. Opens no connection before the first row.
std::shared_ptr<engine::Action> http_action(const Outside& outside);

}  // namespace rowmill::action
