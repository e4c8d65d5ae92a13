#pragma once

#include "progress/hub.hpp"

#include <memory>
#include <string>

namespace rowmill::cli {

/// Adds what `--progress auto|bar|plain|json|none` asks for, or `--quiet` ("quiet"), on stderr. Throws Error{usage} for any other word.
void add_progress(progress::Hub& hub, const std::string& how);
/// Adds a log file, appended to, each line with its time: notes, a line every ten seconds, the summary. Throws
/// Error{usage} where it can't be written.
void add_log_file(progress::Hub& hub, const std::string& path);
/// Adds the last snapshot as JSON on stdout.
void add_json_summary(progress::Hub& hub);

}  // namespace rowmill::cli
