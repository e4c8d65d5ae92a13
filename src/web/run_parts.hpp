#pragma once

#include "web/sheet.hpp"
#include "web/live_view.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::web {

// The parts of a run's page.

/// Pause, resume, cancel, and the settings.
Markup run_controls(const Frame& frame, const run::RunDetails& run, const LiveView& view);
/// Each sack, or some side by side, as a cell.
Markup range_map_part(const run::RunDetails& run, const LiveView& view);
/// Its dead letters: how many of which class, those of one class or of all, and what can be done about them.
Markup letters_part(const Frame& frame, const run::RunDetails& run, const LiveView& view, const std::string& error_class,
                    const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after);

}  // namespace rowmill::web
