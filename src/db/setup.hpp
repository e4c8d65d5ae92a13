#pragma once

#include "db/endpoint.hpp"

#include <string>
#include <vector>

namespace rowmill::db {

/// The statements that make a fresh session ours: what rowmill depends on whatever the server's defaults are,
/// then the settings. Throws Error{usage} for a name that is no variable's, or an unknown isolation. Pure.
std::vector<std::string> setup_statements(const SessionSettings& settings);

}  // namespace rowmill::db
