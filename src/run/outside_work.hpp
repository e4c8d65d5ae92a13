#pragma once

#include "engine/work.hpp"
#include "progress/hub.hpp"
#include "run/preparation.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rowmill::run {

/// The action of a run whose work is not SQL: nothing, a command, a request, or the caller's own code. None for `sql`.
std::shared_ptr<engine::Action> outside_action(const Request& request, const Preparation& preparation,
                                               const store::RunRecord& run, progress::Hub& hub);

/// Throws Error{usage} for a command or a request that could not be made of any row. Starts nothing.
void check_outside(const Request& request);

/// A line about an item, without secrets, for the log. Thread-safe.
std::function<void(const std::string&)> item_log(const Request& request, progress::Hub& hub);

/// How items are worked on outside of a transaction.
void set_outside(engine::Settings& settings, const Request& request);

/// How many threads the pool needs for an action (none: `sql`). One is left for timers whatever the others block on.
unsigned pool_threads(const Request& request, const engine::Action* action);

/// So many items are to be in flight from now on, or batches of `sql`: what the work needs for it is made, and as many returned
/// as there is room for. 0: any number. From any thread.
std::uint64_t make_room(const Request& request, engine::Action* action, engine::Pool& pool, std::uint64_t items);

}  // namespace rowmill::run
