#include "progress/metrics.hpp"

#include "progress/cells.hpp"
#include "progress/figures.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace rowmill::progress {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::string_view, 7> states{"pending",     "running", "paused",   "interrupted",
                                                 "succeeded",   "failed",  "cancelled"};

/// The metrics of one name, over all runs.
class Family {
public:
    Family(MetricType type, std::string name, std::string help) {
        family_.type = type;
        family_.name = "rowmill_run_" + std::move(name);
        family_.help = std::move(help);
    }

    /// What is unknown is left out, as Prometheus would have it.
    void add(const Snapshot& run, std::optional<double> value, const char* label = nullptr, std::string_view label_value = {}) {
        if (!value || !std::isfinite(*value)) return;
        ClientMetric metric;
        metric.label = {{"run", std::to_string(run.run)}, {"job", valid_utf8(run.job)}};
        if (label != nullptr) metric.label.push_back({label, valid_utf8(label_value)});
        (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
        family_.metric.push_back(std::move(metric));
    }
    void move_to(std::vector<MetricFamily>& families) {
        if (!family_.metric.empty()) families.push_back(std::move(family_));
    }

private:
    MetricFamily family_;
};

/// Seconds since 1970; absent where there is no such time.
std::optional<double> timestamp(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr) return {};
    return static_cast<double>(::timegm(&parts));
}

double number(std::uint64_t count) { return static_cast<double>(count); }

std::optional<double> number(std::optional<std::uint64_t> count) {
    return count ? std::optional{number(*count)} : std::nullopt;
}

std::optional<double> ratio(const Snapshot& run) {
    const std::optional<double> percent = shown_percent(run);
    return percent ? std::optional{*percent / 100} : std::nullopt;
}

/// A gauge of one number a run.
struct Gauge {
    const char* name;
    const char* help;
    std::optional<double> (*value)(const Snapshot& run);
};

constexpr std::array<Gauge, 14> gauges{{
    {"items", "Items that the run is about, where known", [](const Snapshot& run) { return number(run.total); }},
    {"progress_ratio", "How far the run is, from 0 to 1", ratio},
    {"rate_items_per_second", "Settled items a second, of late",
     [](const Snapshot& run) { return std::optional{run.rate}; }},
    {"in_flight_items", "Items that are being worked on", [](const Snapshot& run) { return std::optional{number(run.in_flight)}; }},
    {"waiting_retry_items", "Items that wait for another attempt",
     [](const Snapshot& run) { return std::optional{number(run.waiting_retry)}; }},
    {"dead_letters", "Items that were given up, and are kept",
     [](const Snapshot& run) { return std::optional{number(run.dead_letters)}; }},
    {"eta_seconds", "Time that the run will still take at its present rate", [](const Snapshot& run) { return shown_eta(run); }},
    {"latency_seconds", "Mean time of a batch, or of an item that is worked on alone, of late",
     [](const Snapshot& run) { return run.latency_seconds; }},
    {"replica_lag_seconds", "How far the replicas are behind", [](const Snapshot& run) { return run.lag_seconds; }},
    {"batch_items", "Present size of a batch", [](const Snapshot& run) { return std::optional{number(run.batch)}; }},
    {"waiting", "1 while the run waits for something, such as a throttle", 
     [](const Snapshot& run) { return std::optional{run.waiting_for.empty() ? 0.0 : 1.0}; }},
    {"workers", "Processes that work on the run",
     [](const Snapshot& run) { return std::optional{static_cast<double>(run.workers.size())}; }},
    {"start_time_seconds", "When the run began, since 1970", [](const Snapshot& run) { return timestamp(run.started_at); }},
    {"end_time_seconds", "When the run ended, since 1970", [](const Snapshot& run) { return timestamp(run.finished_at); }},
}};

void add_counters(std::vector<MetricFamily>& families, std::span<const Snapshot> runs) {
    Family items{MetricType::Counter, "items_total", "Items that were settled, by outcome"};
    Family retries{MetricType::Counter, "retries_total", "Attempts beyond an item's first"};
    Family waited{MetricType::Counter, "waited_seconds_total", "Time that the run has waited, by reason"};
    for (const Snapshot& run : runs) {
        items.add(run, number(run.succeeded), "outcome", "succeeded");
        items.add(run, number(run.skipped), "outcome", "skipped");
        items.add(run, number(run.failed), "outcome", "failed");
        retries.add(run, number(run.retried));
        for (const auto& [reason, seconds] : run.waited_seconds) waited.add(run, seconds, "reason", reason);
    }
    for (Family* family : {&items, &retries, &waited}) family->move_to(families);
}

void add_states(std::vector<MetricFamily>& families, std::span<const Snapshot> runs) {
    Family sacks{MetricType::Gauge, "sacks", "Key ranges of the run that are done, and that are left"};
    Family state{MetricType::Gauge, "state", "1 for the state that the run is in, 0 for the others"};
    for (const Snapshot& run : runs) {
        sacks.add(run, number(run.sacks_done), "state", "done");
        sacks.add(run, number(run.sacks_total - std::min(run.sacks_done, run.sacks_total)), "state", "left");
        for (const std::string_view name : states) state.add(run, run.state == name ? 1 : 0, "state", name);
    }
    for (Family* family : {&sacks, &state}) family->move_to(families);
}

MetricFamily build_info() {
    ClientMetric metric;
    metric.label = {{"version", ROWMILL_VERSION}};
    metric.gauge.value = 1;
    return {"rowmill_build_info", "The program that answers", MetricType::Gauge, {metric}};
}

}  // namespace

std::string to_metrics(std::span<const Snapshot> runs) {
    std::vector<MetricFamily> families{build_info()};
    add_counters(families, runs);
    for (const Gauge& gauge : gauges) {
        Family family{MetricType::Gauge, gauge.name, gauge.help};
        for (const Snapshot& run : runs) family.add(run, gauge.value(run));
        family.move_to(families);
    }
    add_states(families, runs);
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace rowmill::progress
