#pragma once

#include "engine/work.hpp"
#include "progress/estimate.hpp"
#include "progress/hub.hpp"
#include "progress/latency.hpp"
#include "run/mill.hpp"
#include "run/live_settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace rowmill::run {

/// What a worker does about what its run is asked for.
struct Reactions {
    /// Told of `paused` and `resumed`, with a reason.
    std::function<void(const std::string& event, const std::string& reason)> tell;
    /// The throttles are to be others from now on; throws Error{usage} where they can't be.
    std::function<void(const job::ThrottleSpec&)> change_throttles;
    std::function<std::optional<double>()> lag_seconds;
    /// Hands to the store what is kept for those who look at the run: throws what that throws. Here, where a server that takes no
    /// writes holds up nobody: the monitor only reads, to be able to say so.
    std::function<void(store::Store&)> keep;
};

/// Asks the store some two times a second what the run's workers are asked for, and does it: pauses, goes on, ends what was
/// cancelled, changes settings, ends what another worker has failed. Tells the store how this worker gets on, and what it notes. On a thread and a
/// session of its own; a lost server is looked for again and again without a word, since the lanes say so. Ends with the object.
class Control {
public:
    Control(Mill& mill, engine::Work& work, progress::Hub& hub, Reactions reactions);
    ~Control();

private:
    void loop(const std::stop_token& stop);
    void look(store::Store& store);
    void report(store::Store& store, std::uint64_t control_seq);
    void tell_failure(store::Store& store, const std::string& state);
    void follow_pause(store::Store& store, const store::ControlRecord& control);
    void end_failed(store::Store& store);
    void end_cancelled();
    void change(const store::ControlRecord& control);
    void change_concurrency(const job::RunSpec& run);
    void apply(const job::Overrides& changed, const job::Job& changed_job);

    Mill& mill_;
    engine::Work& work_;
    progress::Hub& hub_;
    const Reactions reactions_;
    Link link_;
    progress::RateEstimate rate_;
    progress::LatencyEstimate latency_;
    bool is_paused_ = false;
    std::optional<engine::TimePoint> cancelled_at_;
    LiveSettings known_;
    job::Job job_;  ///< as its settings are by now
    std::jthread thread_;
};

}  // namespace rowmill::run
