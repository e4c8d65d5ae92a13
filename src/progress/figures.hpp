#pragma once

#include "progress/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rowmill::progress {

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
/// A rate in whole items, below ten with one decimal: "31,200", "4.5".
std::string rate_text(double per_second);
/// Seconds for people, the two largest units: "3.4 s", "72 s", "12 min 5 s", "5 h 12 min", "3 d 4 h".
std::string duration_text(double seconds);

/// How far the run is, in tenths of a percent rounded down: 100 only when it has succeeded, else at most 99.9.
/// Absent while nothing is known to measure by.
std::optional<double> shown_percent(const Snapshot& now);
/// "24.0%", "100%".
std::string percent_text(double percent);
/// The ETA, where it is a number worth showing.
std::optional<double> shown_eta(const Snapshot& now);
/// Why nothing moves: the throttle's reason, or a state other than running; empty: it runs. Harmless.
std::string why_waiting(const Snapshot& now);
/// "1 dead letter", "3 dead letters".
std::string dead_letters_text(std::uint64_t count);

}  // namespace rowmill::progress
