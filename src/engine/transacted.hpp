#pragma once

#include "engine/pace.hpp"
#include "engine/work.hpp"

namespace rowmill::engine {

/// What became of a batch, and how long the work on it took; nothing where trouble came in between.
struct Worked {
    Attempt::Do how = Attempt::Do::fail;
    std::chrono::microseconds took{0};
};

/// Works one batch of a lane with a transaction until it is recorded: does what an Attempt says. Blocks; called on a
/// thread of the pool. It ends with `done`, `stop`, `lose`, or `fail` (the run has been failed with the error).
Worked transact(Lane& lane, Batch batch, bool completes, Work& work, BatchSize& size);

/// Reads a lane with a transaction to its end, one batch in work while the next one is read. Blocks; called on
/// a reader's thread.
Assignments::End drive_transacted(Lane& lane, Work& work, Pace& pace, std::stop_token stop = {});

}  // namespace rowmill::engine
