#include "job/read.hpp"
#include "job/sections.hpp"

#include <charconv>

namespace rowmill::job {
namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// "Threads_running=25,Threads_connected=400"
std::optional<std::vector<LoadLimit>> loads(Section& throttle, std::string_view key) {
    const std::optional<std::string> text = throttle.text(key);
    if (!text) return {};
    std::vector<LoadLimit> limits;
    std::string_view rest = trimmed(*text);
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view one = trimmed(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t equals = one.find('=');
        LoadLimit limit{std::string{trimmed(one.substr(0, equals))}, 0};
        const std::string_view number = equals == std::string_view::npos ? "" : trimmed(one.substr(equals + 1));
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), limit.limit);
        if (limit.variable.empty() || number.empty() || error != std::errc{} || end != number.data() + number.size() || limit.limit < 0)
            throttle.fail(*throttle.find(key), "must name status variables and their limits, such as \"Threads_running=25\", not \"" +
                                                   *text + "\"");
        limits.push_back(std::move(limit));
    }
    return limits;
}

}  // namespace

ThrottleSpec read_throttle(Section throttle, ThrottleSpec spec) {
    if (const Node* lag = throttle.find("max_lag"); lag != nullptr && lag->text.empty())
        spec.max_lag.reset();
    else if (const auto given = throttle.duration("max_lag"))
        spec.max_lag = *given;
    if (throttle.find("replicas") != nullptr) spec.replicas = throttle.names("replicas");
    if (throttle.find("ignore_replicas") != nullptr) spec.ignore_replicas = throttle.names("ignore_replicas");
    assign(spec.heartbeat, throttle.text("heartbeat"));
    assign(spec.max_load, loads(throttle, "max_load"));
    assign(spec.critical_load, loads(throttle, "critical_load"));
    assign(spec.query, throttle.text("query"));
    assign(spec.flag_file, throttle.text("flag_file"));
    assign(spec.window, throttle.text("window"));
    assign(spec.http, throttle.text("http"));
    if (const Node* nice = throttle.find("nice"); nice != nullptr && nice->text.empty())
        spec.nice = 0;
    else
        assign(spec.nice, throttle.number("nice", 0));
    throttle.refuse_unknown();
    return spec;
}

HooksSpec read_hooks(Section hooks) {
    HooksSpec spec;
    assign(spec.directory, hooks.name("directory"));
    assign(spec.timeout, hooks.duration("timeout", milliseconds{1}));
    hooks.refuse_unknown();
    return spec;
}

}  // namespace rowmill::job
