#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/program_name.hpp"
#include "progress/render.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>
#include <vector>

namespace rowmill::progress {
namespace {

std::string row(const char* label, const std::string& text) {
    return fmt::format("  {:<13}{}\n", label, text);
}

std::string name_of(std::uint64_t run) { return fmt::format("run {} · ", run); }

/// Without an end, for more to follow.
std::string heading(const Summary& summary) {
    const Snapshot& last = summary.last;
    const char* blemish = last.state == "succeeded" && last.dead_letters > 0 ? " with dead letters" : "";
    const std::string name = last.run == 0 ? harmless(last.job) : name_of(last.run) + harmless(last.job);
    return fmt::format("{}: {}{} after {}", name, harmless(last.state), blemish,
                       duration_text(summary.elapsed_seconds));
}

std::string settled_text(const Snapshot& last) {
    std::string text = grouped(last.settled);
    if (last.total) text += (last.total_is_exact ? " of " : " of about ") + grouped(*last.total);
    if (const std::optional<double> percent = shown_percent(last)) text += " (" + percent_text(*percent) + ")";
    return text;
}

std::string outcomes(const Snapshot& last) {
    std::string text = fmt::format("{} succeeded · {} skipped · {} failed", grouped(last.succeeded),
                                   grouped(last.skipped), grouped(last.failed));
    if (last.retried > 0) text += " · " + grouped(last.retried) + " retried";
    if (last.waiting_retry > 0) text += " · " + grouped(last.waiting_retry) + " waiting to retry";
    return text;
}

std::string speed(const Summary& summary) {
    const double elapsed = summary.elapsed_seconds;
    const double rate = elapsed > 0 ? static_cast<double>(summary.settled_here) / elapsed : 0;
    std::string text = rate_text(rate) + " rows/s";
    // A resumed run settled part of its rows earlier: they are no merit of this process.
    if (summary.settled_here != summary.last.settled)
        text += ", " + grouped(summary.settled_here) + " rows by this process";
    return text;
}

// Empty where nothing was measured.
std::string shares(const TimeSpent& spent) {
    const double all = spent.read + spent.work + spent.commit + spent.waiting;
    if (!(all > 0) || !std::isfinite(all)) return {};
    const auto share = [all](double part) { return std::lround(100 * part / all); };
    return fmt::format("{} % read · {} % work · {} % commit · {} % waiting", share(spent.read), share(spent.work),
                       share(spent.commit), share(spent.waiting));
}

std::string waits(const Snapshot& last) {
    std::string text;
    for (const auto& [reason, seconds] : last.waited_seconds) {
        if (seconds < 0.05) continue;
        text += (text.empty() ? "" : " · ") + harmless(reason) + " " + duration_text(seconds);
    }
    return text;
}

std::string dead_letters(const Snapshot& last) {
    const char* them = last.dead_letters == 1 ? "it" : "them";
    return fmt::format("{}: see {} with `{} failures {}`", grouped(last.dead_letters), them, program_name(), last.run);
}

// What to do now; empty where the run is done, or where the reason itself has said so.
std::string next_step(const Summary& summary) {
    if (summary.last.state == "running") return {};  // others go on with it
    const std::string& why = summary.why_stopped;
    if (why.find("resume") != std::string::npos || why.find("again") != std::string::npos) return {};
    switch (summary.exit_code) {
        case 1:
            return "mend the cause, then give the same command again: the run resumes where it stopped";
        case 4:
        case 69:
            return "give the same command again: the run resumes where it stopped";
        default:
            return {};
    }
}

}  // namespace

std::string to_summary_line(const Summary& summary) {
    const Snapshot& last = summary.last;
    std::string line = heading(summary) + ": " + settled_text(last) + " settled";
    if (last.dead_letters > 0) line += "; dead letters: " + dead_letters(last);
    if (summary.exit_code != 0 && last.state != "succeeded") line += "; stopped: " + harmless(summary.why_stopped);
    return line;
}

bool is_summary_line(const std::string& line, std::uint64_t run) { return line.starts_with(name_of(run)); }

std::string to_summary(const Summary& summary) {
    const Snapshot& last = summary.last;
    std::string text = heading(summary) + "\n";
    text += row("settled", settled_text(last)) + row("outcomes", outcomes(last)) + row("speed", speed(summary));
    const auto add = [&](const char* label, const std::string& line) {
        if (!line.empty()) text += row(label, line);
    };
    add("time", shares(summary.spent));
    add("waited", waits(last));
    if (last.dead_letters > 0) add("dead letters", dead_letters(last));
    const bool is_reason = summary.why_stopped.find(last.last_error) != std::string::npos;
    if (summary.exit_code != 0 && !is_reason) add("last error", harmless(last.last_error));
    add("stopped", harmless(summary.why_stopped));
    add("next", next_step(summary));
    return text;
}

}  // namespace rowmill::progress
