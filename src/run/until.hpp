#pragma once

#include <chrono>
#include <string>

namespace rowmill::run {

/// A moment at which a run stops, resumable.
struct Until {
    std::chrono::sys_seconds time;
    std::string text;  ///< for people: "2026-11-23 05:00 CET"
};

/// "05:00" or "05:00 Europe/Berlin": when those clocks, or the system's, show that time next after `now`. Where they are put forward
/// over it, when they are. Throws Error{usage}.
Until next_time(const std::string& text, std::chrono::sys_seconds now);

}  // namespace rowmill::run
