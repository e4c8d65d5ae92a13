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

/// Takes a snapshot four times a second (once from the store) and tells the hub, on a thread and a session of its own.
class Monitor {
public:
    Monitor(Mill& mill, engine::Work& work, progress::Hub& hub, const store::RunTotals& at_start);
    ~Monitor();

    void start();
    void stop();
    /// The state now, as the hub is told.
    progress::Snapshot take(store::Store& store);
    /// What the hub was told last. Thread-safe.
    progress::Snapshot last() const;
    /// What is known of the replicas' lag from now on. Thread-safe.
    void set_lag(std::optional<double> seconds);

private:
    void loop(std::stop_token stop);
    progress::Snapshot look();
    progress::Snapshot stored(store::Store& store);
    /// What this process knows better than the store: its counters.
    void update(progress::Snapshot& now);

    Mill& mill_;
    engine::Work& work_;
    progress::Hub& hub_;
    engine::Tally before_;  ///< what was settled before this process began
    progress::RateEstimate rate_;
    progress::Snapshot seen_;  ///< the last that the store told
    mutable std::mutex mutex_;
    progress::Snapshot last_;
    std::optional<double> lag_seconds_;
    Link link_;
    std::jthread thread_;
};

}  // namespace rowmill::run
