#pragma once

#include "engine/clock.hpp"
#include "engine/gate.hpp"
#include "throttle/hysteresis.hpp"
#include "throttle/throttle.hpp"

#include <rowmill/error.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

namespace rowmill::throttle {

/// Who is told of what the watches of a run see, from their threads.
struct Events {
    std::function<void()> looked;                          ///< strain or lag may be others now
    std::function<void(const std::string& reason)> began;  ///< the run waits from now on
    std::function<void(const std::string& line)> note;
    std::function<void(const std::string& why)> critical;  ///< the run is to stop, resumable
    std::function<void(const Error&)> failed;              ///< the run can't go on
};

/// Looks at the throttle of one kind, on a thread of its own, and holds the gate while there is a reason to wait, or while that
/// can't be known. The throttle may be replaced while it is watched. Thread-safe.
class Watch {
public:
    /// `gone_after`: for so long the run's own server may be out of reach before that ends the run.
    Watch(std::string kind, engine::Gate& gate, const engine::Clock& clock, const Events& events, engine::Duration gone_after);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// The first throttle: the gate is held until it has been looked at. What is found wrong with the job before a look was good
    /// ends the run.
    void begin(std::unique_ptr<Throttle> throttle);
    /// Another throttle, or none, in the present one's place: once it has been looked at, and not where that finds the job at
    /// fault, which is noted.
    void replace(std::unique_ptr<Throttle> throttle);

    /// Ends the looking, and breaks off what is under way. Nothing may be given afterwards.
    void stop();
    /// The same, without waiting for the end.
    void request_stop() { thread_.request_stop(); }

    /// Holds the gate where the look under way takes too long, and breaks it off where its throttle is to be replaced. To be asked
    /// again and again.
    void check_answer();
    /// How near the present throttle is to its limit, 2 where that is not known; 0 without one.
    double strain() const;
    std::optional<double> lag_seconds() const;

private:
    using Seen = std::variant<Reading, Error>;

    void give(std::unique_ptr<Throttle> throttle);
    void loop(const std::stop_token& stop);
    void look();
    Seen look_at(Throttle& throttle);
    void judge(const Seen& seen, std::unique_ptr<Throttle> fresh);
    void refuse(const Error& error, bool is_fresh);
    void see(const Reading& reading);
    void fault(const Error& error);
    void hold(const std::string& reason);
    void let_go();

    const std::string kind_;
    engine::Gate& gate_;
    const engine::Clock& clock_;
    const Events& events_;
    const engine::Duration gone_after_;

    mutable std::mutex mutex_;  ///< of what follows, down to `thread_`'s own
    std::condition_variable_any given_;
    std::unique_ptr<Throttle> next_;  ///< not looked at yet
    bool is_replaced_ = false;        ///< by `next_`, or by none
    bool may_fail_ = false;           ///< the run, for what its job says: no look was good yet
    bool is_told_ = false;            ///< that the run waits
    std::string reason_;
    double strain_ = 0;
    std::optional<double> lag_seconds_;

    std::mutex look_mutex_;          ///< of the look under way; locked before the other one
    Throttle* looked_at_ = nullptr;  ///< none: no look is under way
    engine::TimePoint look_began_;
    bool has_ended_ = false;
    std::condition_variable ended_;

    // The thread's alone.
    std::unique_ptr<Throttle> present_;
    Hysteresis hysteresis_;
    std::optional<engine::TimePoint> out_of_reach_since_;

    std::jthread thread_;
};

/// How long a look may take before it counts as no answer.
engine::Duration longest_look(engine::Duration interval);

}  // namespace rowmill::throttle
