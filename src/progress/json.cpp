#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/render.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace rowmill::progress {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(valid_utf8(text));
}

// JSON has no infinity.
json::value number_or_null(std::optional<double> number) {
    return number && std::isfinite(*number) ? json::value(std::round(*number * 1000) / 1000) : json::value();
}

json::value parsed_params(const std::string& text) {
    json::error_code error;
    json::value value = json::parse(valid_utf8(text), error);
    return !error && value.is_object() ? value : json::value(json::object{});
}

json::object waited(const Snapshot& now) {
    json::object reasons;
    for (const auto& [reason, seconds] : now.waited_seconds) reasons[valid_utf8(reason)] = number_or_null(seconds);
    return reasons;
}

json::array workers(const Snapshot& now) {
    json::array all;
    for (const WorkerView& worker : now.workers) {
        json::object one;
        one["host"] = valid_utf8(worker.host);
        one["pid"] = worker.pid;
        one["connection_ids"] = json::array(worker.connection_ids.begin(), worker.connection_ids.end());
        one["sack"] = worker.sack ? json::value(*worker.sack) : json::value();
        one["lease_expires_at"] = text_or_null(worker.lease_expires_at);
        all.push_back(std::move(one));
    }
    return all;
}

void put_counts(json::object& object, const Snapshot& now) {
    object["settled"] = now.settled;
    object["succeeded"] = now.succeeded;
    object["skipped"] = now.skipped;
    object["failed"] = now.failed;
    object["dead_letters"] = now.dead_letters;
    object["waiting_retry"] = now.waiting_retry;
    object["retried"] = now.retried;
    object["in_flight"] = now.in_flight;
}

}  // namespace

std::string to_json(const Snapshot& now) {
    json::object object;
    object["run"] = now.run;
    object["job"] = valid_utf8(now.job);
    object["state"] = now.state;
    object["params"] = parsed_params(now.params_json);
    object["started_at"] = text_or_null(now.started_at);
    object["finished_at"] = text_or_null(now.finished_at);
    object["bound"] = text_or_null(now.bound);
    object["server"] = text_or_null(now.server);
    object["total"] = now.total ? json::value(*now.total) : json::value();
    object["total_is_exact"] = now.total_is_exact;
    object["percent"] = number_or_null(shown_percent(now));
    put_counts(object, now);
    object["rate"] = number_or_null(now.rate);
    object["eta_seconds"] = number_or_null(now.eta_seconds);
    object["waiting_for"] = text_or_null(now.waiting_for);
    object["waited_seconds"] = waited(now);
    object["batch"] = now.batch;
    object["lag_seconds"] = number_or_null(now.lag_seconds);
    object["last_error"] = text_or_null(now.last_error);
    object["last_progress_at"] = text_or_null(now.last_progress_at);
    object["sacks"] = {{"total", now.sacks_total}, {"done", now.sacks_done}};
    object["workers"] = workers(now);
    return json::serialize(object);
}

}  // namespace rowmill::progress
