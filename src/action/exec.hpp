#pragma once

#include "action/outside.hpp"
#include "process/launcher.hpp"

#include <rowmill/outcome.hpp>

#include <chrono>
#include <memory>

namespace rowmill::action {

/// What only tests want otherwise.
struct ExecOptions {
    process::LauncherOptions launcher{};
    /// Between TERM and KILL, where a row's time is up.
    std::chrono::milliseconds grace{5000};
    /// How long a coprocess that died is waited for before it is started again: doubled each time, until one succeeds.
    std::chrono::milliseconds restart_first{100}, restart_cap{10000};
    /// Rows that one coprocess is asked for before it has answered.
    unsigned rows_a_coprocess = 1;
};

/// exec_action of outside.hpp. Both kinds answer on a thread of their own, and must be destroyed on another.
std::shared_ptr<engine::Action> exec_action(const Outside& outside, ExecOptions options);

/// Of so many children at once those that this process may have descriptors for, at least one; raises its limit where it may.
std::uint64_t room_for_children(std::uint64_t wanted);

/// The answer for a batch of one row.
engine::BatchOutcome outcome_of_one(Outcome outcome);

}  // namespace rowmill::action
