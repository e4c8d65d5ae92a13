#include "run/throttling.hpp"

#include "throttle/flag_file.hpp"
#include "throttle/http_check.hpp"
#include "throttle/lag.hpp"
#include "throttle/load.hpp"
#include "throttle/query.hpp"
#include "throttle/window.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>

namespace rowmill::run {
namespace {

using job::ThrottleSpec;
using throttle::Throttle;

constexpr std::chrono::milliseconds tick{100};

/// A kind of throttle: how one is made, where the job has it, and whether two jobs have the same.
struct Kind {
    const char* name;
    std::unique_ptr<Throttle> (*make)(const ThrottleSpec& spec, const db::Connector& server);
    bool (*is_same)(const ThrottleSpec& one, const ThrottleSpec& other);
};

constexpr std::array kinds{
    Kind{"lag",
         [](const ThrottleSpec& spec, const db::Connector& server) { return spec.max_lag ? throttle::lag(spec, server) : nullptr; },
         [](const ThrottleSpec& one, const ThrottleSpec& other) {
             return one.max_lag == other.max_lag && one.replicas == other.replicas && one.ignore_replicas == other.ignore_replicas &&
                    one.heartbeat == other.heartbeat;
         }},
    Kind{"load",
         [](const ThrottleSpec& spec, const db::Connector& server) {
             return spec.max_load.empty() && spec.critical_load.empty() ? nullptr : throttle::load(spec, server);
         },
         [](const ThrottleSpec& one, const ThrottleSpec& other) {
             return one.max_load == other.max_load && one.critical_load == other.critical_load;
         }},
    Kind{"query",
         [](const ThrottleSpec& spec, const db::Connector& server) {
             return spec.query.empty() ? nullptr : throttle::query(spec.query, server);
         },
         [](const ThrottleSpec& one, const ThrottleSpec& other) { return one.query == other.query; }},
    Kind{"flag_file",
         [](const ThrottleSpec& spec, const db::Connector&) {
             return spec.flag_file.empty() ? nullptr : throttle::flag_file(spec.flag_file);
         },
         [](const ThrottleSpec& one, const ThrottleSpec& other) { return one.flag_file == other.flag_file; }},
    Kind{"window",
         [](const ThrottleSpec& spec, const db::Connector&) {
             return spec.window.empty() ? nullptr : throttle::window(spec.window);
         },
         [](const ThrottleSpec& one, const ThrottleSpec& other) { return one.window == other.window; }},
    Kind{"http",
         [](const ThrottleSpec& spec, const db::Connector&) { return spec.http.empty() ? nullptr : throttle::http_check(spec.http); },
         [](const ThrottleSpec& one, const ThrottleSpec& other) { return one.http == other.http; }},
};

}  // namespace

void check_texts(const ThrottleSpec& spec, const db::Connector& server) {
    for (const Kind& kind : kinds) kind.make(spec, server);
}

void check_throttles(const ThrottleSpec& spec, const db::Connector& server) {
    check_texts(spec, server);
    for (const Kind& kind : kinds) {
        const auto made = kind.make(spec, server);
        if (!made) continue;
        try {
            made->look();
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::usage) throw;
        }
    }
}

Throttling::Throttling(const ThrottleSpec& spec, db::Connector server, engine::Duration reconnect_for, engine::Gate& gate,
                       const engine::Clock& clock, ThrottlingEvents events)
    : server_{std::move(server)},
      events_{std::move(events)},
      heard_{.looked = [this] { tell_looks(); },
             .began = events_.began,
             .note = events_.note,
             .critical = events_.critical,
             .failed = events_.failed},
      spec_{spec} {
    std::vector<std::unique_ptr<Throttle>> made;
    for (const Kind& kind : kinds) {
        made.push_back(kind.make(spec, server_));
        watches_.push_back(std::make_unique<throttle::Watch>(kind.name, gate, clock, heard_, reconnect_for));
    }
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (made[i]) watches_[i]->begin(std::move(made[i]));
    answers_ = std::jthread{[this](const std::stop_token& stop) { check_answers(stop); }};
}

// What one watch sees is told with what all of them see, so that none may go before all have stopped.
Throttling::~Throttling() {
    answers_ = {};
    for (const auto& watch : watches_) watch->request_stop();
    for (const auto& watch : watches_) watch->stop();
}

void Throttling::check_answers(const std::stop_token& stop) const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    while (!stop.stop_requested()) {
        never.wait_for(lock, stop, tick, [] { return false; });
        for (const auto& watch : watches_) watch->check_answer();
    }
}

void Throttling::change(const ThrottleSpec& spec) {
    const std::lock_guard lock{mutex_};
    check_texts(spec, server_);
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (!kinds[i].is_same(spec_, spec)) watches_[i]->replace(kinds[i].make(spec, server_));
    spec_ = spec;
}

void Throttling::tell_looks() const {
    double strain = 0;
    std::optional<double> lag;
    for (const auto& watch : watches_) {
        strain = std::max(strain, watch->strain());
        lag = std::max(lag, watch->lag_seconds());
    }
    events_.looked(strain, lag);
}

}  // namespace rowmill::run
