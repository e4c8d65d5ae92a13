#pragma once

#include "job/job.hpp"
#include "progress/snapshot.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rowmill::run {

/// The programs of a folder that are told what happens to a run: `run-started` (which may veto it), `paused`, `resumed`,
/// `throttled`, `failed`, `finished`, with ROWMILL_* in their environment. They are run one after another on a thread of their own;
/// one that fails or takes too long is noted, and stops nothing. Thread-safe. The object's end waits for the last one, no longer than
/// its time.
class Hooks {
public:
    /// Throws Error{usage} where the folder, or a program in it that is named after an event, can't be used.
    Hooks(const job::HooksSpec& spec, std::string job_file, std::function<void(const std::string&)> note);
    ~Hooks();

    /// Runs `run-started` and waits for it. What it said, where it forbids the run by an exit code that is not 0.
    std::optional<std::string> started(const progress::Snapshot& now);
    /// Tells of an event, with a reason for people.
    void tell(const std::string& event, const std::string& reason, const progress::Snapshot& now);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace rowmill::run
