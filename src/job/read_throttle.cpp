#include "job/environment.hpp"
#include "job/read.hpp"
#include "job/sections.hpp"

#include <charconv>
#include <cmath>

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
        if (limit.variable.empty() || number.empty() || error != std::errc{} || end != number.data() + number.size() ||
            !std::isfinite(limit.limit) || limit.limit < 0)
            throttle.fail(*throttle.find(key), "must name status variables and their limits, such as \"Threads_running=25\", not \"" +
                                                   *text + "\"");
        limits.push_back(std::move(limit));
    }
    return limits;
}

/// A list of texts, or of a flag one with commas. What `${NAME}` stands for is put in: a DSN may hold a password.
std::optional<std::vector<std::string>> replicas(Section& throttle, std::string_view key) {
    const Node* node = throttle.find(key);
    if (node == nullptr) return {};
    std::vector<std::string> names;
    const bool is_text = node->kind == Node::Kind::text;
    if (!is_text) names = throttle.names(key);
    std::string_view rest = is_text ? trimmed(node->text) : "";
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        names.emplace_back(trimmed(rest.substr(0, comma)));
        if (names.back().empty()) throttle.fail(*node, "must name replicas, such as \"db2,db3:3307\"");
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    for (std::string& name : names) name = expand_environment(name, throttle.subject(*node));
    return names;
}

}  // namespace

ThrottleSpec read_throttle(Section throttle, ThrottleSpec spec) {
    if (const Node* lag = throttle.find("max_lag"); lag != nullptr && lag->text.empty())
        spec.max_lag.reset();
    else if (const auto given = throttle.duration("max_lag"))
        spec.max_lag = *given;
    assign(spec.replicas, replicas(throttle, "replicas"));
    assign(spec.ignore_replicas, replicas(throttle, "ignore_replicas"));
    assign(spec.heartbeat, throttle.text("heartbeat"));
    assign(spec.max_load, loads(throttle, "max_load"));
    assign(spec.critical_load, loads(throttle, "critical_load"));
    assign(spec.query, throttle.text("query"));
    assign(spec.flag_file, throttle.text("flag_file"));
    assign(spec.window, throttle.text("window"));
    if (const auto url = throttle.text("http")) spec.http = expand_environment(*url, throttle.subject(*throttle.find("http")));
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
