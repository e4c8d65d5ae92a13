#pragma once

#include "store/store.hpp"

namespace rowmill::run {

/// Takes a worker off the list that is known to be gone, or whose lease has run out, so that others may have its sacks. Before
/// that its connections with the store's server are ended: it may be asleep, or cut off, in the middle of a transaction, whose row locks
/// would keep whoever goes on waiting for nothing. Only those that are surely its own: noted on this very server since its
/// start, and of our own user. False where its lease was renewed in the meantime.
bool bury(store::Store& store, const store::WorkerRecord& dead);

/// The same for a worker that may be alive, but has no business in the run any more.
void expel(store::Store& store, const store::WorkerRecord& worker);

/// All of a run's dead workers, `self` left out. How many there were.
unsigned bury_dead_workers(store::Store& store, store::RunId run, store::WorkerId self);

}  // namespace rowmill::run
