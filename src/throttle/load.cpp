#include "throttle/load.hpp"

#include "job/read.hpp"
#include "throttle/hysteresis.hpp"
#include "throttle/probe.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

namespace rowmill::throttle {
namespace {

/// By name in small letters.
using Status = std::map<std::string, std::string>;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::optional<double> number_of(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

class Load : public Throttle {
public:
    Load(const job::ThrottleSpec& spec, const db::Connector& server)
        : max_{spec.max_load}, critical_{spec.critical_load}, probe_{server} {}

    std::string kind() const override { return "load"; }
    std::string asks() const override { return "the server's status variables"; }
    void interrupt() override { probe_.interrupt(); }

    Reading look() override {
        if (!is_checked_) check();
        const Status status = read(chosen_);
        Reading reading;
        for (const job::LoadLimit& limit : max_) {
            const double value = value_of(status, limit, "max_load");
            const double strain = limit.limit > 0 ? value / limit.limit : (value > 0 ? 2 : 0);
            if (strain <= reading.strain) continue;
            reading.strain = strain;
            reading.reason = limit.variable + " is " + display(value) + " (max_load " + display(limit.limit) + ")";
        }
        std::string critical;
        for (const job::LoadLimit& limit : critical_) {
            const double value = value_of(status, limit, "critical_load");
            if (value > limit.limit)
                critical = limit.variable + " is " + display(value) + " (critical_load " + display(limit.limit) + ")";
        }
        if (critical_twice_.see(!critical.empty())) reading.critical = critical;
        // Nothing more is begun between the two looks.
        if (!critical.empty() && reading.strain <= 1) {
            reading.strain = 2;
            reading.reason = critical;
        }
        return reading;
    }

private:
    /// Also of a variable that the server lost since: an upgrade may take one away.
    double value_of(const Status& status, const job::LoadLimit& limit, const std::string& key) const {
        const auto found = status.find(lower(limit.variable));
        if (found == status.end())
            throw Error{ErrorKind::usage, "throttle." + key + ": the server has no status variable " + limit.variable};
        if (const auto number = number_of(found->second)) return *number;
        throw Error{ErrorKind::usage,
                    "throttle." + key + ": the status variable " + limit.variable + " is no number: \"" + found->second + "\""};
    }

    Status read(const std::string& condition) {
        Status status;
        const db::ResultSet shown = probe_.ask("SHOW GLOBAL STATUS" + condition);
        for (std::size_t i = 0; i < shown.rows.size(); ++i) status[lower(shown.text(i, 0))] = shown.text(i, 1);
        return status;
    }

    /// A misspelt name would else be a limit that is never reached.
    void check() {
        const Status all = read("");
        std::vector<std::string> names;
        for (const auto& [name, value] : all) names.push_back(name);
        std::string list;
        for (const auto& [limits, key] : {std::pair{&max_, "max_load"}, std::pair{&critical_, "critical_load"}}) {
            for (const job::LoadLimit& limit : *limits) {
                const std::string name = lower(limit.variable);
                if (!all.contains(name)) refuse(limit.variable, key, names);
                list += (list.empty() ? "'" : ",'") + name + "'";
            }
        }
        chosen_ = " WHERE Variable_name IN (" + list + ")";
        is_checked_ = true;
    }

    [[noreturn]] void refuse(const std::string& variable, const std::string& key, const std::vector<std::string>& names) const {
        const auto meant = job::nearest(lower(variable), names);
        throw Error{ErrorKind::usage, "throttle." + key + ": the server has no status variable " + variable +
                                          (meant ? "; did you mean " + *meant + "?" : "; SHOW GLOBAL STATUS lists them")};
    }

    std::vector<job::LoadLimit> max_, critical_;
    Probe probe_;
    std::string chosen_;
    bool is_checked_ = false;
    Twice critical_twice_;
};

}  // namespace

std::unique_ptr<Throttle> load(const job::ThrottleSpec& spec, const db::Connector& server) {
    return std::make_unique<Load>(spec, server);
}

}  // namespace rowmill::throttle
