#include "run/report.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace rowmill::run {
namespace {

namespace json = boost::json;

/// A number under a name; 0 where there is none.
template <typename Number>
Number number(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return 0;
    boost::system::error_code failed;
    const Number read = value->to_number<Number>(failed);
    return failed ? Number{0} : read;
}

}  // namespace

std::string encode(const Report& report) {
    json::object waited;
    for (const auto& [kind, seconds] : report.waited_seconds) waited[kind] = seconds;
    json::object object{{"control_seq", report.control_seq}, {"settled", report.settled},         {"in_flight", report.in_flight}, {"retried", report.retried},
                        {"batch", report.batch},             {"concurrency", report.concurrency}, {"rate", report.rate},
                        {"waiting_for", report.waiting_for}, {"is_leaving", report.is_leaving},   {"waited_seconds", std::move(waited)}};
    if (report.lag_seconds) object["lag_seconds"] = *report.lag_seconds;
    if (report.latency_seconds) object["latency_seconds"] = *report.latency_seconds;
    return json::serialize(object);
}

Report decode_report(const std::string& text) {
    boost::system::error_code failed;
    const json::value parsed = json::parse(text, failed);
    Report report;
    const json::object* object = failed ? nullptr : parsed.if_object();
    if (object == nullptr) return report;
    report.control_seq = number<std::uint64_t>(*object, "control_seq");
    report.settled = number<std::uint64_t>(*object, "settled");
    report.in_flight = number<std::uint64_t>(*object, "in_flight");
    report.retried = number<std::uint64_t>(*object, "retried");
    report.batch = number<std::uint64_t>(*object, "batch");
    report.concurrency = number<std::uint64_t>(*object, "concurrency");
    report.rate = number<double>(*object, "rate");
    if (const json::value* why = object->if_contains("waiting_for"); why != nullptr && why->is_string())
        report.waiting_for = why->get_string().c_str();
    if (const json::value* waited = object->if_contains("waited_seconds"); waited != nullptr && waited->is_object())
        for (const auto& [kind, seconds] : waited->get_object())
            if (seconds.is_number()) report.waited_seconds[std::string{kind}] = seconds.to_number<double>();
    if (const json::value* leaving = object->if_contains("is_leaving"); leaving != nullptr && leaving->is_bool())
        report.is_leaving = leaving->get_bool();
    if (object->contains("lag_seconds")) report.lag_seconds = number<double>(*object, "lag_seconds");
    if (object->contains("latency_seconds")) report.latency_seconds = number<double>(*object, "latency_seconds");
    return report;
}

void add_to(progress::Snapshot& now, const Report& report) {
    now.in_flight += report.in_flight;
    now.retried += report.retried;
    now.rate += report.rate;
    now.batch = std::max(now.batch, report.batch);
    for (const auto& [kind, seconds] : report.waited_seconds) {
        double& longest = now.waited_seconds[kind];
        longest = std::max(longest, seconds);
    }
    if (report.lag_seconds) now.lag_seconds = std::max(now.lag_seconds.value_or(0), *report.lag_seconds);
}

}  // namespace rowmill::run
