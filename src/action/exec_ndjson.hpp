#pragma once

#include "action/exec.hpp"

#include <memory>

namespace rowmill::action {

/// The exec action of protocol "ndjson": coprocesses that are spoken to as ndjson.hpp says, as many as there are slots,
/// started when they are first needed. At the end their stdin is closed, and they have time to leave.
/// Throws Error{usage} where the command depends on the row.
std::shared_ptr<engine::Action> ndjson_action(const Outside& outside, ExecOptions options);

}  // namespace rowmill::action
