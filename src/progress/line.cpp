#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/render.hpp"

#include <vector>

namespace rowmill::progress {
namespace {

std::string settled_text(const Snapshot& now) {
    std::string text = "settled " + grouped(now.settled);
    if (now.total) text += (now.total_is_exact ? " of " : " of about ") + grouped(*now.total);
    const std::optional<double> percent = shown_percent(now);
    if (percent) return text + " (" + percent_text(*percent) + ")";
    return text + ", counting";
}

}  // namespace

std::string to_line(const Snapshot& now) {
    std::vector<std::string> parts{settled_text(now), rate_text(now.rate) + " rows/s"};
    if (now.in_flight > 0) parts.push_back(grouped(now.in_flight) + " in flight");
    if (now.waiting_retry > 0) parts.push_back(grouped(now.waiting_retry) + " waiting to retry");
    if (now.dead_letters > 0) parts.push_back(dead_letters_text(now.dead_letters));
    if (const std::string why = why_waiting(now); !why.empty()) parts.push_back(why);
    if (const std::optional<double> eta = shown_eta(now)) parts.push_back("ETA " + duration_text(*eta));
    std::string line;
    if (!now.job.empty()) line = harmless(now.job) + ": ";
    for (std::size_t i = 0; i < parts.size(); ++i) line += (i == 0 ? "" : " · ") + parts[i];
    return line;
}

}  // namespace rowmill::progress
