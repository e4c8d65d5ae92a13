#pragma once

#include "app/commands.hpp"
#include "cli/command.hpp"
#include "run/catalog.hpp"

#include <memory>

namespace rowmill::app {

/// The jobs that a program declares, as a desk offers them. The declarations must outlive it.
std::shared_ptr<run::Catalog> declared_jobs(const Declarations& declarations, const cli::ConnectionFlags& connection);

}  // namespace rowmill::app
