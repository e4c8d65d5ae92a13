#pragma once

#include "engine/work.hpp"
#include "progress/estimate.hpp"
#include "progress/hub.hpp"
#include "run/assignments.hpp"
#include "run/snapshot.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace rowmill::run {

/// The housekeeping of a working process, on a thread and a session of its own: renews the worker's lease at a third of its
/// length, takes a snapshot a second, and tells the hub. A lease that is lost stops the work.
class Monitor {
public:
    Monitor(Mill& mill, engine::Work& work, progress::Hub& hub, const store::RunTotals& at_start);
    ~Monitor();

    void start();
    void stop();
    /// The state now, as the hub is told.
    progress::Snapshot take(store::Store& store);

private:
    void loop(std::stop_token stop);

    Mill& mill_;
    engine::Work& work_;
    progress::Hub& hub_;
    engine::Tally before_;  ///< what was settled before this process began
    progress::RateEstimate rate_;
    Link link_;
    std::jthread thread_;
};

}  // namespace rowmill::run
