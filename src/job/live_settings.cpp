#include "job/read.hpp"

#include <array>
#include <charconv>

namespace rowmill::job {
namespace {

std::string text_of(double number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::string text_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

std::string text_of(const std::vector<LoadLimit>& limits) {
    std::vector<std::string> texts;
    for (const LoadLimit& limit : limits) texts.push_back(limit.variable + "=" + text_of(limit.limit));
    return text_of(texts);
}

/// Lanes in transactions are all at work at once, unless something else is said.
std::string concurrency_of(const Job& job) {
    if (job.run.adaptive_concurrency) return "auto";
    const bool is_by_lane = job.action.kind == "sql" && !job.run.concurrency_given;
    return std::to_string(is_by_lane ? job.run.workers : job.run.concurrency);
}

std::string text_of(const Job& job, const std::string& key) {
    const ThrottleSpec& throttle = job.throttle;
    if (key == "concurrency") return concurrency_of(job);
    if (key == "rate") return text_of(job.run.rate);
    if (key == "batch") return std::to_string(job.run.batch);
    if (key == "target_time") return job.run.target_time.count() == 0 ? "0" : display(job.run.target_time);
    if (key == "max_lag") return throttle.max_lag ? display(*throttle.max_lag) : "";
    if (key == "replicas") return text_of(throttle.replicas);
    if (key == "ignore_replicas") return text_of(throttle.ignore_replicas);
    if (key == "heartbeat") return throttle.heartbeat;
    if (key == "max_load") return text_of(throttle.max_load);
    if (key == "critical_load") return text_of(throttle.critical_load);
    if (key == "query") return throttle.query;
    if (key == "flag_file") return throttle.flag_file;
    if (key == "window") return throttle.window;
    if (key == "http") return throttle.http;
    return throttle.nice > 0 ? text_of(throttle.nice) : "";
}

}  // namespace

std::string shown_setting(const std::string& key, const std::string& text) {
    const bool is_list = key == "replicas" || key == "ignore_replicas";
    const bool may_be_secret = (is_list && text.find("://") != std::string::npos) ||
                               (key == "http" && text.find_first_of("@?") != std::string::npos);
    return may_be_secret ? "***" : text;
}

Overrides live_settings(const Job& job) {
    Overrides settings;
    for (const std::string& key : live_keys()) settings.emplace_back(key, shown_setting(key, text_of(job, key)));
    return settings;
}

}  // namespace rowmill::job
