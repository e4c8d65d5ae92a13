#pragma once

#include "cli/command.hpp"
#include "cli/serve_flags.hpp"
#include "run/catalog.hpp"

#include <string>

namespace rowmill::cli {

/// Serves the pages of a run store, and begins runs of the catalog's jobs in the background, until a signal asks to stop: then its own
/// runs finish what is in flight, and can be resumed. To be called before other threads are made, see Signals. Returns the exit code;
/// does not return where a run's handlers never do.
int serve(const ConnectionFlags& connection, const ServeFlags& flags, const std::string& address, run::Catalog& catalog);

}  // namespace rowmill::cli
