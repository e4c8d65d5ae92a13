#pragma once

#include "job/job.hpp"
#include "progress/snapshot.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace rowmill::run {

/// The programs of a folder that are told what happens to a run: `run-started` (which may veto it), `paused`, `resumed`,
/// `throttled`, and at its end `failed` or `finished`, with ROWMILL_* in their environment. They are run one after another on a
/// thread of their own; one that fails or takes too long is noted, and stops nothing. Where events come faster than the programs
/// are done, only the newest of a kind waits. Thread-safe.
class Hooks {
public:
    /// Throws Error{usage} where the folder, or a program in it that is named after an event, can't be used. `note` is told what
    /// went wrong, from any thread. Once `leaving` is asked for, what still runs is ended and nothing more is started.
    Hooks(const job::HooksSpec& spec, const std::string& job_file, std::function<void(const std::string&)> note,
          std::stop_token leaving);
    /// Waits for what runs and for the run's end to be told, no longer than their time.
    ~Hooks();
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    /// Runs `run-started` and waits for it, no longer than until `draining` is asked for: there is nothing to be finished yet. What
    /// it said, where it forbids the run by an exit code that is not 0.
    std::optional<std::string> started(const progress::Snapshot& now, const std::stop_token& draining);
    /// Tells of an event, with a reason for people; at a run's end with the exit code.
    void tell(const std::string& event, const std::string& reason, const progress::Snapshot& now,
              std::optional<int> exit_code = {});
    /// Waits as the object's end does. Nothing may be told afterwards.
    void close();

private:
    class Programs;
    class Queue;
    std::unique_ptr<Programs> programs_;
    std::unique_ptr<Queue> queue_;
};

}  // namespace rowmill::run
