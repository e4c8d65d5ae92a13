#pragma once

#include "progress/hub.hpp"

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace rowmill::progress {

/// The snapshot as one JSON object on one line, the names of design's `status --json`.
std::string to_json(const Snapshot& now);
/// One line for a log: `settled 120,000 of about 500,000 (24 %) · 31,200 rows/s · …`
std::string to_line(const Snapshot& now);
/// One line that fits `columns` (terminal cells), with a bar: no wrapping, no colour where `colour` is false.
std::string to_bar(const Snapshot& now, unsigned columns, bool colour);
/// The closing summary, several lines: counts by outcome, rows/s, where the time went, why it stopped.
std::string to_summary(const Summary& summary);

/// The same on one line: `run 12 · nightly: interrupted after 3 h: settled 7,000, 2 dead letters; stopped: it is 05:00`
std::string to_summary_line(const Summary& summary);
/// Whether a line of the log of this run is such a one.
bool is_summary_line(const std::string& line, std::uint64_t run);

/// A bar redrawn in place about four times a second, notes scrolling above it. `columns` asks the terminal's width.
std::shared_ptr<Listener> terminal_bar(std::FILE* out, std::function<unsigned()> columns, bool colour);
/// A plain line every `every` seconds, and each note; then the summary.
std::shared_ptr<Listener> plain_lines(std::FILE* out, double every_seconds);
/// A JSON object a line once a second, the last one too.
std::shared_ptr<Listener> json_lines(std::FILE* out);
/// The warnings; and, where the run did not end with every item succeeded or skipped, the summary on one line.
std::shared_ptr<Listener> quiet_lines(std::FILE* out);
/// Only the notes and the summary.
std::shared_ptr<Listener> summary_only(std::FILE* out);

}  // namespace rowmill::progress
