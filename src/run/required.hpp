#pragma once

#include "db/connector.hpp"
#include "store/store.hpp"

namespace rowmill::run {

/// Throws Error{usage} where there is no run store to read from, or none that this account may see. `connector` is what the store's
/// session was made with.
void require_store(store::Store& store, const db::Connector& connector);

/// Throws Error{usage} where there is no such run.
store::RunRecord require_run(store::Store& store, store::RunId run);

}  // namespace rowmill::run
