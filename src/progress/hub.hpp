#pragma once

#include "progress/snapshot.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace rowmill::progress {

/// Hears of a run's progress. Called by one thread at a time, never while a row waits for it.
struct Listener {
    virtual ~Listener() = default;
    virtual void progress(const Snapshot& now) = 0;
    /// A line worth telling at once: a reconnect, a stop asked for, a dead letter's batch.
    virtual void note(const std::string& line) = 0;
    /// A note that must not be missed though the run goes on: a lost server, a hook that failed.
    virtual void warning(const std::string& line) { note(line); }
    /// What happened to one item that did not simply succeed. There may be many.
    virtual void detail(const std::string& /*line*/) {}
    virtual void finished(const Summary& summary) = 0;
};

/// Hands snapshots on to listeners, one at a time. Thread-safe. Where a listener throws, stderr says so and it is told
/// again the next time; the others hear all the same. A listener must not call its hub.
class Hub : public Listener {
public:
    void add(std::shared_ptr<Listener> listener);
    void progress(const Snapshot& now) override;
    void note(const std::string& line) override;
    void warning(const std::string& line) override;
    void detail(const std::string& line) override;
    void finished(const Summary& summary) override;

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace rowmill::progress
