#pragma once

#include "progress/channels.hpp"
#include "run/runner.hpp"
#include "store/records.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rowmill::run {

/// Runs that this process works on beside what else it does, each on a thread of its own. Thread-safe. Ends with the object: each run
/// drains, checkpoints, and can be resumed.
///
/// A run whose calls never return (a handler that hangs, though its time is up or its run is cancelled) is over when all else of it is:
/// everything that counts is recorded. Its thread, its sessions and its memory stay with those calls until they return, be it for ever;
/// who ends the process while there are such must do it without destroying what they use (std::_Exit).
class BackgroundRuns {
public:
    /// What a run tells goes to its channel. One that succeeded, failed or was cancelled ends it; any other leaves it to whoever
    /// follows the run from then on.
    explicit BackgroundRuns(progress::Channels& channels);
    ~BackgroundRuns();
    BackgroundRuns(const BackgroundRuns&) = delete;
    BackgroundRuns& operator=(const BackgroundRuns&) = delete;

    struct Begun {
        std::optional<store::RunId> run;  ///< absent: there was nothing to do (`once`, no dead letter to retry), and `said` says why
        std::string said;                 ///< what was noted until then: "resuming run 7: 50 rows were settled before"
        std::shared_ptr<progress::Channel> channel{};  ///< of the run: it may be over before anybody could look for it
    };
    /// Is called once, from a thread of the run, when the work on it here is over and it has told its last: with the exit code that
    /// `rowmill` would have had, and the error that it ended with, where it threw one; else empty. Not for what did not become a run.
    using Ended = std::function<void(int exit_code, const std::string& error)>;

    /// Is called every ten seconds while it is not known yet which run that is. Where it throws, whoever waits goes, and nothing else ends.
    using StillWaiting = std::function<void()>;

    /// Begins, or goes on with, what `request` asks for, and returns when the run is known. Throws what execute() throws before that,
    /// what `still_waiting` throws, and Error{stopped} once a stop was asked for.
    Begun start(Request request, Ended ended = {}, const StillWaiting& still_waiting = {});
    /// Works it on the calling thread as execute() does, as one of these runs: seen, and told of to its channel, like the others. It
    /// hears `stopping`, and not what the others are told.
    int work_here(Request request, progress::Hub& hub, engine::Stopping& stopping);
    bool works_on(store::RunId run) const;
    /// Where a run that this process works on is told of; absent where it does not. One that goes on although its last end is still being
    /// seen to is told of anew.
    std::shared_ptr<progress::Channel> channel_of(store::RunId run) const;
    /// Calls `act` unless this process works on the run; none is begun meanwhile.
    void unless_working(store::RunId run, const std::function<void()>& act) const;
    /// Asks all of them to finish what is in flight; once more: to drop it.
    void stop(const std::string& why);
    /// Waits until none is worked on any more.
    void wait() const;
    /// How many there are.
    std::size_t count() const;
    /// Whether there are threads that stay with calls that do not return.
    bool has_left_behind() const;

private:
    struct Work;
    struct Inside;

    static void work_on(const std::shared_ptr<Inside>& inside, const std::shared_ptr<Work>& work);

    std::shared_ptr<Inside> inside_;  ///< shared with the threads, some of which may outlive this
};

}  // namespace rowmill::run
