#include "run/snapshot.hpp"

#include "run/stall.hpp"

#include "run/report.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace rowmill::run {
namespace {

namespace json = boost::json;

bool is_integer(const Key& key) {
    return key.size() == 1 && (key[0].type() == ValueType::integer || key[0].type() == ValueType::unsigned_integer);
}

double as_double(const Key& key) { return key[0].view().as_number(); }

}  // namespace

std::string encode(const StoredSettings& settings) {
    json::object live;
    for (const auto& [key, text] : settings.live) live[key] = text;
    return json::serialize(json::object{{"filtered", settings.filtered},
                                        {"descending", settings.descending},
                                        {"estimated_rows", settings.estimated_rows},
                                        {"batch", settings.batch},
                                        {"succeeded_before", settings.before_start.succeeded},
                                        {"skipped_before", settings.before_start.skipped},
                                        {"failed_before", settings.before_start.failed},
                                        {"canary", settings.canary},
                                        {"has_succeeded", settings.has_succeeded},
                                        {"live", std::move(live)},
                                        {"bound_settles", settings.bound_settles}});
}

StoredSettings decode_settings(const std::string& text) {
    boost::system::error_code error;
    const json::value parsed = json::parse(text, error);
    StoredSettings settings;
    if (error || !parsed.is_object()) return settings;
    const json::object& object = parsed.as_object();
    const auto number = [&](const char* name) -> std::uint64_t {
        const json::value* value = object.if_contains(name);
        return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
    };
    const auto flag = [&](const char* name) {
        const json::value* value = object.if_contains(name);
        return value != nullptr && value->is_bool() && value->get_bool();
    };
    const auto texts = [&](const char* name) {
        job::Overrides entries;
        const json::value* value = object.if_contains(name);
        if (value != nullptr && value->is_object())
            for (const auto& [key, entry] : value->get_object())
                if (entry.is_string()) entries.emplace_back(key, entry.get_string().c_str());
        return entries;
    };
    return {.filtered = flag("filtered"),
            .descending = flag("descending"),
            .estimated_rows = number("estimated_rows"),
            .batch = number("batch"),
            .before_start = {.succeeded = number("succeeded_before"),
                             .skipped = number("skipped_before"),
                             .failed = number("failed_before")},
            .canary = number("canary"),
            .has_succeeded = flag("has_succeeded"),
            .live = texts("live"),
            .bound_settles = flag("bound_settles")};
}

std::optional<double> density_of(const StoredSettings& settings, const store::RunTotals& totals,
                                 const std::vector<store::SackRecord>& begun) {
    if (!settings.filtered) return 1.0;
    std::uint64_t settled = totals.tally.settled();
    for (const store::SackRecord& sack : begun) settled -= std::min(settled, sack.tally.settled());
    if (totals.rows_done == 0 || settled == 0) return {};
    return static_cast<double>(settled) / static_cast<double>(totals.rows_done);
}

double fraction_done(const store::SackRecord& sack, std::optional<double> density) {
    const double wanted = density.value_or(0) * static_cast<double>(sack.rows);
    if (wanted > 0) return std::min(1.0, static_cast<double>(sack.tally.settled()) / wanted);
    if (!is_integer(sack.after) || !is_integer(sack.upto) || !is_integer(sack.low)) return 0;
    const double width = as_double(sack.upto) - as_double(sack.after);
    return width == 0 ? 0 : std::clamp((as_double(sack.low) - as_double(sack.after)) / width, 0.0, 1.0);
}

bool is_alive(const store::WorkerRecord& worker) {
    return !worker.lease_expired && !store::is_known_gone(worker.identity);
}

std::optional<std::uint64_t> items_left(const progress::Snapshot& now) {
    if (!now.percent || *now.percent <= 0 || *now.percent >= 100 || now.settled == 0) return {};
    // With a filter the items to come are not known; their share of the range is.
    return static_cast<std::uint64_t>(static_cast<double>(now.settled) * (100 - *now.percent) / *now.percent);
}

std::optional<double> mean_latency(std::span<const progress::WorkerView> workers) {
    double sum = 0;
    std::size_t count = 0;
    for (const progress::WorkerView& worker : workers) {
        if (!worker.latency_seconds) continue;
        sum += *worker.latency_seconds;
        ++count;
    }
    if (count == 0) return {};
    return sum / static_cast<double>(count);
}

namespace {

/// What the live workers tell. The run waits where all of them do.
void add_workers(progress::Snapshot& now, std::span<const store::WorkerRecord> alive, std::optional<store::WorkerId> self) {
    std::string why;
    bool all_wait = true;
    for (const store::WorkerRecord& worker : alive) {
        const bool is_self = worker.id == self;
        now.workers.push_back({worker.identity.host, worker.identity.pid, worker.connection_ids, worker.sack,
                               worker.lease_expires_at, is_self});
        if (is_self || worker.report.empty()) continue;
        const Report report = decode_report(worker.report);
        add_to(now, report);
        progress::WorkerView& view = now.workers.back();
        view.rate = report.rate;
        view.in_flight = report.in_flight;
        view.concurrency = report.concurrency;
        view.waiting_for = report.waiting_for;
        view.latency_seconds = report.latency_seconds;
        all_wait = all_wait && !report.waiting_for.empty();
        if (why.empty()) why = report.waiting_for;
    }
    if (all_wait) now.waiting_for = why;
    now.latency_seconds = mean_latency(now.workers);
}

}  // namespace

progress::Snapshot snapshot_of(store::Store& store, const store::RunRecord& run, std::optional<store::WorkerId> self) {
    const store::RunTotals totals = store.totals(run.id);
    const StoredSettings settings = decode_settings(run.settings);
    progress::Snapshot now;
    now.run = run.id;
    now.job = run.job;
    now.state = run.state;
    now.params_json = run.params.empty() ? "{}" : run.params;
    now.started_at = run.started_at;
    now.finished_at = run.finished_at;
    now.bound = run.bound_upto.empty() ? "(no rows)" : display(run.bound_upto);
    now.server = run.server;
    now.settled = totals.tally.settled();
    now.succeeded = totals.tally.succeeded;
    now.skipped = totals.tally.skipped;
    now.failed = totals.tally.failed;
    now.dead_letters = totals.dead_letters;
    now.waiting_retry = totals.waiting;
    now.last_error = run.last_error;
    now.last_progress_at = run.last_progress_at;
    now.sacks_total = totals.sacks;
    now.sacks_done = totals.sacks_done;

    std::vector<store::WorkerRecord> alive = store.workers(run.id);
    std::erase_if(alive, [](const store::WorkerRecord& worker) { return !is_alive(worker); });
    add_workers(now, alive, self);
    if (now.batch == 0) now.batch = settings.batch;
    if (now.state == "running" && alive.empty()) now.state = "interrupted";
    if (now.state == "running" && !self)
        if (std::string why = why_nobody_can_tell(store.session()); !why.empty()) now.waiting_for = why;

    const bool complete = run.walk_done && totals.sacks_done == totals.sacks && totals.waiting == 0;
    std::uint64_t rows = std::max(totals.rows_planned, run.walk_done ? 0 : settings.estimated_rows);
    const std::vector<store::SackRecord> running = store.begun_sacks(run.id);
    double rows_done = static_cast<double>(totals.rows_done);
    const std::optional<double> density = density_of(settings, totals, running);
    for (const store::SackRecord& sack : running)
        rows_done += fraction_done(sack, density) * static_cast<double>(sack.rows);
    // What waits for another attempt was read, and is not done.
    rows_done = std::max(0.0, rows_done - static_cast<double>(totals.waiting));
    if (complete) {
        now.total = now.settled;
        now.total_is_exact = true;
        now.percent = 100;
    } else if (rows > 0) {
        now.percent = std::min(99.9, 100 * rows_done / static_cast<double>(rows));
        if (!settings.filtered) {
            now.total = std::max(rows, now.settled);
            now.total_is_exact = run.walk_done && totals.rows_exact;
        }
    }
    if (const auto left = items_left(now); left && now.rate > 0) now.eta_seconds = static_cast<double>(*left) / now.rate;
    return now;
}

}  // namespace rowmill::run
