#include "cli/status_text.hpp"

#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/program_name.hpp"

#include <fmt/format.h>

namespace rowmill::cli {
namespace {

using progress::grouped;

std::string settled(const progress::Snapshot& now) {
    std::string text = grouped(now.settled);
    if (now.total) text += (now.total_is_exact ? " of " : " of about ") + grouped(*now.total);
    if (const auto percent = progress::shown_percent(now)) text += " (" + progress::percent_text(*percent) + ")";
    return text;
}

std::string outcomes(const progress::Snapshot& now) {
    std::string text = grouped(now.succeeded) + " succeeded · " + grouped(now.skipped) + " skipped · " + grouped(now.failed) + " failed";
    if (now.retried > 0) text += " · " + grouped(now.retried) + " retried";
    if (now.waiting_retry > 0) text += " · " + grouped(now.waiting_retry) + " waiting to retry";
    return text;
}

/// Of a run that somebody works on.
std::string speed(const progress::Snapshot& now) {
    if (now.workers.empty()) return {};
    std::string text = progress::rate_text(now.rate) + " rows/s · " + grouped(now.in_flight) + " in flight";
    if (now.batch > 0) text += " · batches of " + grouped(now.batch);
    if (now.lag_seconds) text += fmt::format(" · lag {:.1f} s", *now.lag_seconds);
    if (const auto eta = progress::shown_eta(now)) text += " · ETA " + progress::duration_text(*eta);
    return text;
}

std::string waited(const progress::Snapshot& now) {
    std::string text;
    for (const auto& [kind, seconds] : now.waited_seconds)
        if (seconds >= 0.05) text += (text.empty() ? "" : " · ") + kind + " " + progress::duration_text(seconds);
    return text;
}

std::string next_step(const progress::Snapshot& now) {
    const std::string resume = progress::program_name() + " resume " + std::to_string(now.run);
    if (now.state == "interrupted" || now.state == "failed")
        return "run the job again, or `" + resume + "`: it goes on where it stopped";
    if (now.state == "paused") return "`" + resume + "` goes on with it";
    return {};
}

void add_row(std::string& text, const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<13}{}\n", label, progress::harmless(value));
}

}  // namespace

std::string status_text(const progress::Snapshot& now) {
    const std::string id = std::to_string(now.run);
    std::string text = "run " + id + " · " + progress::harmless(now.job) + ": " + now.state + "\n";
    add_row(text, "settled", settled(now));
    add_row(text, "outcomes", outcomes(now));
    add_row(text, "speed", speed(now));
    add_row(text, "waiting", now.waiting_for);
    add_row(text, "waited", waited(now));
    add_row(text, "up to", "key " + now.bound + ", in " + grouped(now.sacks_total) + " sacks, of which " +
                               grouped(now.sacks_done) + " are done");
    add_row(text, "server", now.server);
    add_row(text, "started", now.started_at);
    add_row(text, "finished", now.finished_at);
    for (const progress::WorkerView& worker : now.workers)
        add_row(text, "worker", "process " + std::to_string(worker.pid) + " on " + worker.host + ", lease until " +
                                    worker.lease_expires_at);
    add_row(text, "last error", now.last_error);
    if (now.dead_letters > 0)
        add_row(text, "dead letters", grouped(now.dead_letters) + ": see " + progress::program_name() + " failures " + id);
    add_row(text, "next", next_step(now));
    return text;
}

}  // namespace rowmill::cli
