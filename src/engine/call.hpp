#pragma once

#include "engine/lane.hpp"

#include <functional>

namespace rowmill::engine {

/// Starts an action on a batch. `answered` is called once: with what its reply said, or with what its start threw,
/// whatever the reply said before or after. Never before the start has returned, so that whoever is answered may let go
/// of the action.
void start_call(Action& action, const Batch& batch, Context context, std::function<void(Reply::Answer)> answered);

}  // namespace rowmill::engine
