#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/render.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <cmath>
#include <string_view>

namespace rowmill::progress {
namespace {

namespace json = boost::json;

/// Writes one object. The library writes 31234.4 as 3.12344E4, which people who read the output don't love: so
/// numbers are written here, and texts by the library.
class ObjectText {
public:
    /// `value` is JSON already.
    void raw(std::string_view name, std::string_view value) {
        text_ += fmt::format("{}{}:{}", text_.empty() ? "" : ",", json::serialize(json::string_view{name}), value);
    }
    void text(std::string_view name, std::string_view value) {
        raw(name, json::serialize(json::string{valid_utf8(value)}));
    }
    void text_or_null(std::string_view name, std::string_view value) {
        value.empty() ? raw(name, "null") : text(name, value);
    }
    void count(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }
    void count_or_null(std::string_view name, std::optional<std::uint64_t> value) {
        value ? count(name, *value) : raw(name, "null");
    }
    /// To thousandths. JSON has no infinity: null.
    void number_or_null(std::string_view name, std::optional<double> value) {
        const bool sayable = value && std::isfinite(*value);
        raw(name, sayable ? fmt::format("{}", std::round(*value * 1000) / 1000) : "null");
    }
    /// To microseconds, for what is done in less than a millisecond.
    void latency_or_null(std::optional<double> seconds) {
        const bool sayable = seconds && std::isfinite(*seconds);
        raw("latency_seconds", sayable ? fmt::format("{:.6f}", *seconds) : "null");
    }
    std::string done() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

// An array of numbers, or of what is JSON already.
template <typename Values, typename ToText>
std::string array(const Values& values, ToText to_text) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ",") + to_text(value);
    return "[" + text + "]";
}

// As it was stored, on one line; what is no object is none.
std::string params(const std::string& text) {
    json::error_code error;
    const json::value value = json::parse(valid_utf8(text), error);
    return !error && value.is_object() ? json::serialize(value) : "{}";
}

std::string waited(const Snapshot& now) {
    ObjectText reasons;
    for (const auto& [reason, seconds] : now.waited_seconds) reasons.number_or_null(valid_utf8(reason), seconds);
    return reasons.done();
}

std::string worker_text(const WorkerView& worker) {
    ObjectText object;
    object.text("host", worker.host);
    object.count("pid", worker.pid);
    object.raw("connection_ids", array(worker.connection_ids, [](std::uint64_t id) { return std::to_string(id); }));
    object.count_or_null("sack", worker.sack);
    object.text_or_null("lease_expires_at", worker.lease_expires_at);
    object.number_or_null("rate", worker.rate);
    object.count("in_flight", worker.in_flight);
    object.count("concurrency", worker.concurrency);
    object.text_or_null("waiting_for", worker.waiting_for);
    object.latency_or_null(worker.latency_seconds);
    return object.done();
}

std::string sacks(const Snapshot& now) {
    ObjectText object;
    object.count("total", now.sacks_total);
    object.count("done", now.sacks_done);
    return object.done();
}

void put_identity(ObjectText& object, const Snapshot& now) {
    object.count("run", now.run);
    object.text("job", now.job);
    object.text("state", now.state);
    object.raw("params", params(now.params_json));
    object.text_or_null("started_at", now.started_at);
    object.text_or_null("finished_at", now.finished_at);
    object.text_or_null("bound", now.bound);
    object.text_or_null("server", now.server);
}

void put_counts(ObjectText& object, const Snapshot& now) {
    object.count_or_null("total", now.total);
    object.raw("total_is_exact", now.total_is_exact ? "true" : "false");
    object.number_or_null("percent", shown_percent(now));
    object.count("settled", now.settled);
    object.count("succeeded", now.succeeded);
    object.count("skipped", now.skipped);
    object.count("failed", now.failed);
    object.count("dead_letters", now.dead_letters);
    object.count("waiting_retry", now.waiting_retry);
    object.count("retried", now.retried);
    object.count("in_flight", now.in_flight);
}

}  // namespace

std::string to_json(const Snapshot& now) {
    ObjectText object;
    put_identity(object, now);
    put_counts(object, now);
    object.number_or_null("rate", now.rate);
    object.number_or_null("eta_seconds", now.eta_seconds);
    object.text_or_null("waiting_for", now.waiting_for);
    object.raw("waited_seconds", waited(now));
    object.count("batch", now.batch);
    object.number_or_null("lag_seconds", now.lag_seconds);
    object.latency_or_null(now.latency_seconds);
    object.text_or_null("last_error", now.last_error);
    object.text_or_null("last_progress_at", now.last_progress_at);
    object.raw("sacks", sacks(now));
    object.raw("workers", array(now.workers, worker_text));
    return object.done();
}

}  // namespace rowmill::progress
