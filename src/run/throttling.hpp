#pragma once

#include "db/connector.hpp"
#include "engine/gate.hpp"
#include "job/job.hpp"
#include "throttle/watch.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace rowmill::run {

/// What can be known of throttles without asking anybody: throws Error{usage} for a window, a URL or a replica that is none.
void check_texts(const job::ThrottleSpec& spec, const db::Connector& server);
/// Looks at each throttle once, before there is a run. Throws Error{usage} for what is wrong with the job: a status variable that
/// there is not, a query that is no number, no replica. What can't be asked now is waited for later.
void check_throttles(const job::ThrottleSpec& spec, const db::Connector& server);

/// Who is told what the throttles of a run do; from their threads.
struct ThrottlingEvents {
    /// After each look: how near the nearest one is to its limit (1), and how far behind a replica is, where that is looked at.
    std::function<void(double strain, std::optional<double> lag_seconds)> looked;
    std::function<void(const std::string& reason)> began;  ///< the run waits from now on
    std::function<void(const std::string& line)> note;
    std::function<void(const std::string& why)> critical;  ///< the run is to stop, resumable
    std::function<void(const Error&)> failed;              ///< the run can't go on
};

/// Holds a run's gate while there is a reason to wait: looks at each throttle in the background, and holds too while an answer is
/// missing. From its construction on, until the first looks have been good. Thread-safe.
class Throttling {
public:
    /// `server` is the one that the run works on. Throws like `check_texts`.
    Throttling(const job::ThrottleSpec& spec, db::Connector server, engine::Duration reconnect_for, engine::Gate& gate,
               const engine::Clock& clock, ThrottlingEvents events);
    ~Throttling();
    Throttling(const Throttling&) = delete;
    Throttling& operator=(const Throttling&) = delete;

    /// Other throttles from now on; those that are the same are left alone. Throws like `check_texts`, and nothing is changed then;
    /// what only a look can find is noted, and what was set before stays.
    void change(const job::ThrottleSpec& spec);

private:
    void tell_looks() const;
    void check_answers(const std::stop_token& stop) const;

    const db::Connector server_;
    const ThrottlingEvents events_;
    throttle::Events heard_;
    std::mutex mutex_;
    job::ThrottleSpec spec_;
    std::vector<std::unique_ptr<throttle::Watch>> watches_;  ///< of each kind
    std::jthread answers_;
};

}  // namespace rowmill::run
