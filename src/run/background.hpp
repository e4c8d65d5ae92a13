#pragma once

#include "progress/channels.hpp"
#include "run/runner.hpp"
#include "store/records.hpp"

#include <list>
#include <memory>
#include <mutex>

namespace rowmill::run {

/// Runs that this process works on beside what else it does, each on a thread of its own. Thread-safe. Ends with the object: each run
/// drains, checkpoints, and can be resumed.
class BackgroundRuns {
public:
    /// What a run tells goes to its channel.
    explicit BackgroundRuns(progress::Channels& channels);
    ~BackgroundRuns();

    /// Begins, or goes on with, what `request` asks for, and returns when the run is known. Throws what execute() throws before that.
    /// Absent: there was nothing to do (`once`, `--join` without a run, no dead letter to retry).
    std::optional<store::RunId> start(Request request);
    bool works_on(store::RunId run) const;
    /// Asks all of them to finish what is in flight; once more: to drop it.
    void stop(const std::string& why);

private:
    struct Work;

    progress::Channels& channels_;
    mutable std::mutex mutex_;
    std::list<std::shared_ptr<Work>> works_;
};

}  // namespace rowmill::run
