#pragma once

#include "progress/snapshot.hpp"

#include <string>

namespace rowmill::cli {

/// How a run stands, for people: several lines, harmless for a terminal.
std::string status_text(const progress::Snapshot& now);

}  // namespace rowmill::cli
