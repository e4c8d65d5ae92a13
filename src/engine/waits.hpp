#pragma once

#include "engine/clock.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace rowmill::engine {

/// Why the run waits, and for how long it has: every wait has a reason that is shown. Thread-safe.
class Waits {
public:
    explicit Waits(const Clock& clock) : clock_{clock} {}

    /// Holds a reason while it lives. `kind` is what the time is added up by ("reconnect", "rate", "retry"),
    /// `reason` the sentence for people.
    class Scope {
    public:
        Scope(Waits& waits, std::string kind, std::string reason);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Waits& waits_;
        std::string kind_, reason_;
        friend class Waits;
    };

    /// The reason that has been waited for the longest; empty where nothing waits.
    std::string present() const;
    /// Seconds in which at least one worker waited, by kind; present waits included.
    std::map<std::string, double> seconds() const;

private:
    struct Kind {
        unsigned waiting = 0;
        TimePoint since;
        double seconds = 0;
    };
    double since(const Kind& kind) const;

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::vector<const Scope*> present_;  ///< the oldest first
    std::map<std::string, Kind> kinds_;
};

}  // namespace rowmill::engine
