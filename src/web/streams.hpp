#pragma once

#include "progress/channels.hpp"
#include "progress/pace.hpp"
#include "web/message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rowmill::web {

/// What is told of a run as it happens, written down once for all who are sent it. Thread-safe.
///
/// Everybody gets the present state at once, then what follows. Who is slow misses states, never a line of the last 200, and is told of
/// those that it missed. Lines that were told before it came are not sent: the store has them. States come as they are told, about four
/// times a second; twice, where hundreds look on: that the run is in another state now at once.
class Feeds {
public:
    enum class Kind : std::uint8_t {
        /// text/event-stream: "progress" (a Snapshot's JSON; the comment behind it says when it was told, in seconds since 1970),
        /// "note" and "warning" ({"at", "is_warning", "line"}; where lines were missed a note with "missed", their number), and as the
        /// last one "end" ({"state", "exit_code", "why_stopped"}; null: not known here). Each has an id.
        events,
        /// Readable lines: the state at once, then once a second, notes as they come; the last one says how it ended.
        lines,
    };
    using Clock = std::function<progress::Pace::Time()>;

    explicit Feeds(Clock clock = std::chrono::steady_clock::now);
    ~Feeds();

    /// `last_event_id`: what a client that comes back has seen last. Where that was of the same channel, it is sent the lines that have
    /// come since; else it begins anew, with the present state.
    std::unique_ptr<Stream> follow(const std::shared_ptr<progress::Channel>& channel, Kind kind,
                                   const std::optional<std::string>& last_event_id = {});

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace rowmill::web
