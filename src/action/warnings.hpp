#pragma once

#include "db/session.hpp"

#include <span>

namespace rowmill::action {

/// What the warnings of one statement mean for the run. `given` is how many the server counted; it keeps only the first
/// of them (`max_error_count`). Pure. Throws Error{fatal} for 3170, the optimizer's memory being too small for the
/// batch's keys; with `fail_on_loss`, Error{row} for a warning that tells of lost data, and where some of the warnings
/// can't be seen.
void judge_warnings(std::span<const db::Warning> seen, unsigned given, bool fail_on_loss);

/// Asks, with the next packet, for warnings that can be judged: no notes, and as many as the account may have kept.
void ask_for_all_warnings(db::Session& session);

}  // namespace rowmill::action
