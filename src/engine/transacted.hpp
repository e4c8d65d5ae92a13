#pragma once

#include "engine/work.hpp"

namespace rowmill::engine {

/// Works one batch of a lane with a transaction until it is recorded: does what an Attempt says. Blocks; called on a
/// thread of the pool. Returns `done`, `stop`, `lose`, or `fail` (the run has been failed with the error).
Attempt::Do transact(Lane& lane, Batch batch, bool completes, Work& work, BatchSize& size);

/// Reads a lane with a transaction to its end, one batch in work while the next one is read. Blocks; called on
/// a reader's thread.
Assignments::End drive_transacted(Lane& lane, Work& work, BatchSize& size, std::stop_token stop = {});

}  // namespace rowmill::engine
