#pragma once

#include "engine/work.hpp"
#include "progress/estimate.hpp"
#include "progress/hub.hpp"
#include "progress/latency.hpp"
#include "run/mill.hpp"
#include "run/snapshot.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace rowmill::run {

/// Why this process does not get on; empty: it does.
std::string why_it_waits(const engine::Work& work);

/// Takes a snapshot of the whole run four times a second (once from the store) and tells the hub, on a thread and a session of its own.
class Monitor {
public:
    /// What was settled before this process began, and before the run was begun or resumed the last time.
    Monitor(Mill& mill, engine::Work& work, progress::Hub& hub, const store::RunTotals& at_start, const engine::Tally& before_start);
    ~Monitor();

    void start();
    void stop();
    /// The state at the end, when all is recorded.
    progress::Snapshot take(store::Store& store);
    /// What the hub was told last. Thread-safe.
    progress::Snapshot last() const;
    /// What is known of the replicas' lag from now on. Thread-safe.
    void set_lag(std::optional<double> seconds);
    std::optional<double> lag() const;

private:
    void loop(std::stop_token stop);
    progress::Snapshot look();
    progress::Snapshot stored(store::Store& store);
    /// What the server has not answered for long, where nothing has settled meanwhile; else empty.
    std::string stall();
    /// What this process knows better than the store: its counters.
    void update(progress::Snapshot& now);
    /// How this process gets on, among the run's workers.
    void update_self(progress::Snapshot& now);

    Mill& mill_;
    engine::Work& work_;
    progress::Hub& hub_;
    engine::Tally before_;  ///< what was settled before this process began
    engine::Tally before_start_;
    engine::Tally shown_{};  ///< never less than that
    bool is_joint_;  ///< others take part, or have
    progress::RateEstimate rate_, own_rate_;
    progress::LatencyEstimate latency_;
    progress::Snapshot seen_;  ///< the last that the store told, with what the other workers do
    std::string stalled_;      ///< as of that time
    std::optional<std::uint64_t> settled_before_;
    engine::TimePoint moved_at_;  ///< when it was seen to change
    mutable std::mutex mutex_;
    progress::Snapshot last_;
    std::optional<double> lag_seconds_;
    Link link_;
    std::jthread thread_;
};

}  // namespace rowmill::run
