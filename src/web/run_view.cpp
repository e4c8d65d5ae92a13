#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/program_name.hpp"
#include "run/sampler.hpp"
#include "web/chart.hpp"
#include "web/live_view.hpp"
#include "web/times.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rowmill::web {
namespace {

using progress::duration_text;
using progress::grouped;
using progress::Snapshot;

bool is_one_of(const std::string& state, std::initializer_list<const char*> states) {
    return std::ranges::find(states, state) != states.end();
}

std::string percent_of(const Snapshot& now) {
    const std::optional<double> percent = progress::shown_percent(now);
    return percent ? progress::percent_text(*percent) : std::string{};
}

std::string settled_of(const Snapshot& now) {
    if (!now.total) return grouped(now.settled) + " rows";
    if (now.state == "succeeded" && now.settled == *now.total) return grouped(now.settled) + " rows";
    return grouped(now.settled) + (now.total_is_exact ? " of " : " of about ") + grouped(*now.total) + " rows";
}

std::string took(const Snapshot& now) {
    const auto begin = seconds_of(now.started_at), end = seconds_of(now.finished_at);
    return begin && end && *end >= *begin ? duration_text(*end - *begin) : std::string{};
}

/// A sentence about where the run stands, for eyes and for screen readers.
std::string standing(const Snapshot& now) {
    if (now.state == "running") return now.waiting_for.empty() ? "" : "Waiting: " + now.waiting_for;
    if (now.state == "pending") return "About to begin";
    if (now.state == "paused") return "Paused: what was in flight is finished, nothing new is begun";
    if (now.state == "interrupted") return "Stopped on the way: resumed, it goes on where it was";
    if (now.state == "failed") return "Failed: resumed, it goes on where it was";
    if (now.state == "cancelled") return "Cancelled for good";
    const std::string time = took(now);
    return "Done" + (time.empty() ? "" : " in " + time) +
           (now.dead_letters > 0 ? ", with " + progress::dead_letters_text(now.dead_letters) : std::string{});
}

/// Read out when it changes: so it names no figure that changes all the time.
std::string announcement(const Snapshot& now) {
    const std::string head = "Run " + std::to_string(now.run) + " " + now.state;
    if (now.state != "running") return head;
    if (!now.waiting_for.empty()) return head + ", waiting";
    const std::optional<double> percent = progress::shown_percent(now);
    if (!percent || *percent < 10) return head;
    return head + ", " + std::to_string(static_cast<int>(*percent / 10) * 10) + " percent";
}

std::string eta_of(const Snapshot& now) {
    const std::optional<double> eta = progress::shown_eta(now);
    return eta && !is_one_of(now.state, {"succeeded", "cancelled", "failed"}) ? duration_text(*eta) : std::string{};
}

void put_texts(LiveView& view, const Snapshot& now) {
    const std::string percent = percent_of(now);
    auto& texts = view.texts;
    texts["title"] = (percent.empty() ? "" : percent + " · ") + now.job + " · run " + std::to_string(now.run);
    texts["job"] = now.job;
    texts["run"] = std::to_string(now.run);
    texts["state"] = now.state;
    texts["standing"] = standing(now);
    texts["announcement"] = announcement(now);
    texts["settled"] = settled_of(now);
    texts["percent"] = percent.empty() ? "counting" : percent;
    texts["rate"] = progress::rate_text(now.rate) + " rows/s";
    texts["eta"] = eta_of(now);
    texts["succeeded"] = grouped(now.succeeded);
    texts["skipped"] = grouped(now.skipped);
    texts["failed"] = grouped(now.failed);
    texts["dead_letters"] = grouped(now.dead_letters);
    texts["dead_letters_text"] = progress::dead_letters_text(now.dead_letters);
    texts["waiting_retry"] = grouped(now.waiting_retry);
    texts["retried"] = grouped(now.retried);
    texts["in_flight"] = grouped(now.in_flight);
    texts["batch"] = now.batch > 0 ? grouped(now.batch) : "–";
    texts["latency"] = now.latency_seconds ? latency_text(*now.latency_seconds) : "–";
    texts["lag"] = now.lag_seconds ? duration_text(*now.lag_seconds) : "–";
    texts["sacks"] = grouped(now.sacks_done) + " of " + grouped(now.sacks_total);
    texts["last_error"] = now.last_error;
    texts["bound"] = now.bound;
    texts["server"] = now.server;
    texts["started_at"] = time_text(now.started_at);
    texts["started_minute"] = minute_text(now.started_at);
    texts["finished_at"] = time_text(now.finished_at);
    texts["last_progress_at"] = time_text(now.last_progress_at);
}

/// The bar's parts side by side, in thousandths of it. What there is of failures stays visible, however little.
void put_bar(LiveView& view, const Snapshot& now) {
    const double percent = progress::shown_percent(now).value_or(0);
    const double settled = static_cast<double>(std::max<std::uint64_t>(now.settled, 1));
    const auto part = [&](std::uint64_t count) { return percent * 10 * static_cast<double>(count) / settled; };
    const double failed = now.failed == 0 ? 0 : std::max(part(now.failed), 4.0);
    const double skipped = part(now.skipped);
    const double succeeded = std::max(percent * 10 - failed - skipped, 0.0);
    double x = 0;
    const auto put = [&](const char* name, double width) {
        view.attributes[name] = {{"x", fmt::format("{:.1f}", x)}, {"width", fmt::format("{:.1f}", width)}};
        x += width;
    };
    put("bar-succeeded", succeeded);
    put("bar-skipped", skipped);
    put("bar-failed", failed);
    view.attributes["bar"] = {{"aria-valuenow", fmt::format("{:.1f}", percent)},
                              {"aria-valuetext", view.texts["percent"] + ", " + view.texts["settled"]}};
    view.attributes["state"] = {{"data-state", now.state}};
}

void put_tables(LiveView& view, const Snapshot& now) {
    auto& workers = view.rows["workers"];
    for (const progress::WorkerView& worker : now.workers)
        workers.push_back({worker.is_self ? "self" : "",
                           {worker.host + " · " + std::to_string(worker.pid), worker.sack ? std::to_string(*worker.sack) : "–",
                            progress::rate_text(worker.rate) + " rows/s", grouped(worker.in_flight),
                            worker.waiting_for.empty() ? "working" : worker.waiting_for, clock_text(worker.lease_expires_at)}});
    auto& waited = view.rows["waited"];
    for (const auto& [reason, seconds] : now.waited_seconds)
        if (seconds >= 0.05) waited.push_back({"", {reason, duration_text(seconds)}});
}

void put_shows(LiveView& view, const Snapshot& now) {
    view.shows["is_live"] = !is_one_of(now.state, {"succeeded", "failed", "cancelled"});
    view.shows["can_pause"] = is_one_of(now.state, {"pending", "running"});
    view.shows["can_cancel"] = !is_one_of(now.state, {"succeeded", "cancelled"});
    view.shows["is_running"] = now.state == "running";
    view.shows["has_eta"] = !view.texts["eta"].empty();
    view.shows["has_standing"] = !view.texts["standing"].empty();
    view.shows["has_error"] = !now.last_error.empty();
    view.shows["has_dead_letters"] = now.dead_letters > 0;
    view.shows["has_workers"] = !now.workers.empty();
    view.shows["has_no_workers"] = now.workers.empty();
    view.shows["has_waited"] = !view.rows["waited"].empty();
    view.shows["has_finished"] = !now.finished_at.empty();
}

/// What may be asked of the run now, and what is said where it may not.
void put_controls(LiveView& view, const run::RunDetails& run) {
    const Snapshot& now = run.now;
    const bool can_go_on = is_one_of(now.state, {"paused", "interrupted", "failed"});
    const bool is_steered_here = run.can_be_resumed || (now.state == "paused" && !now.workers.empty());
    const bool has_rested = is_one_of(now.state, {"succeeded", "failed", "interrupted"});
    view.shows["can_resume"] = can_go_on && is_steered_here;
    view.shows["must_resume_elsewhere"] = can_go_on && !is_steered_here;
    view.shows["can_set"] = view.shows["can_cancel"] && !run.settings.empty();
    view.shows["can_retry"] = now.dead_letters > 0 && has_rested && run.can_be_resumed;
    view.shows["must_retry_later"] = now.dead_letters > 0 && !has_rested && now.state != "cancelled";
    view.shows["must_retry_elsewhere"] = now.dead_letters > 0 && has_rested && !run.can_be_resumed;
}

void put_chart(LiveView& view, const std::string& name, const Chart& chart, const std::string& top) {
    view.attributes[name + "-line"] = {{"d", chart.line}};
    view.attributes[name + "-area"] = {{"d", chart.area}};
    view.attributes[name + "-waits"] = {{"d", chart.waits}};
    view.texts[name + "_top"] = chart.line.empty() ? std::string{} : top;
    view.shows[name + "_is_empty"] = chart.line.empty();
}

void put_charts(LiveView& view, const run::RunDetails& run) {
    std::vector<ChartPoint> rates, latencies;
    for (const store::SampleRecord& sample : run.samples) {
        const std::optional<double> at = seconds_of(sample.at);
        if (!at) continue;
        const bool is_marked = run::was_held_up(sample);
        rates.push_back({*at, sample.rate, is_marked});
        latencies.push_back({*at, sample.latency_seconds, is_marked});
    }
    const Chart rate = make_chart(rates), latency = make_chart(latencies);
    put_chart(view, "rate_chart", rate, progress::rate_text(rate.top) + " rows/s");
    put_chart(view, "latency_chart", latency, latency_text(latency.top));
    view.texts["chart_from"] = run.samples.empty() ? std::string{} : clock_text(run.samples.front().at);
    view.texts["chart_to"] = run.samples.empty() ? std::string{} : clock_text(run.samples.back().at);
}

void put_map_counts(LiveView& view, const run::RunDetails& run) {
    std::uint64_t waiting = 0, running = 0, done = 0, marked = 0;
    for (const run::RangeCell& cell : run.map) {
        (cell.state == run::RangeCell::State::waiting ? waiting : cell.state == run::RangeCell::State::running ? running : done) +=
            1;
        if (cell.dead_letters > 0) ++marked;
    }
    view.texts["cells_waiting"] = grouped(waiting);
    view.texts["cells_running"] = grouped(running);
    view.texts["cells_done"] = grouped(done);
    view.texts["cells_dead"] = grouped(marked);
    view.attributes["map"] = {{"aria-label", "Range map: of " + grouped(run.map.size()) + " cells " + grouped(done) + " are done, " +
                                                 grouped(running) + " running, " + grouped(waiting) + " waiting; " + grouped(marked) +
                                                 " with dead letters"}};
    view.shows["has_no_map"] = run.map.empty();
}

}  // namespace

LiveView view_of(const Snapshot& now) {
    LiveView view;
    put_texts(view, now);
    put_bar(view, now);
    put_tables(view, now);
    put_shows(view, now);
    return view;
}

LiveView view_of(const run::RunDetails& run) {
    LiveView view = view_of(run.now);
    put_controls(view, run);
    put_charts(view, run);
    put_map_counts(view, run);
    auto& notes = view.rows["notes"];
    for (const store::NoteRecord& note : run.notes)
        notes.push_back({note.is_warning ? "warning" : "", {clock_text(note.at), note.worker, note.line}});
    view.shows["has_no_notes"] = notes.empty();
    return view;
}

}  // namespace rowmill::web
