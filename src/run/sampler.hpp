#pragma once

#include "engine/clock.hpp"
#include "progress/snapshot.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>

namespace rowmill::run {

/// What is kept of a snapshot. The run waits where all of its workers do; one that waits for itself alone does not hold it up.
store::SampleRecord sample_of(const progress::Snapshot& now);

/// Whether something held the run up then. A limit on its rate does not: somebody has set it, and it is no trouble.
bool was_held_up(const store::SampleRecord& sample);

/// Keeps in the store how a run gets on, at intervals that the store makes longer as the run grows older. Every worker of a run does,
/// and of each interval one sample is kept. One thread at a time.
class Sampler {
public:
    /// Where it is time. Throws what the store throws; the next call tries again.
    void keep(store::Store& store, const progress::Snapshot& now, engine::TimePoint at);

private:
    std::chrono::seconds interval_{1};
    std::optional<engine::TimePoint> kept_at_;
};

}  // namespace rowmill::run
