#pragma once

#include "progress/channels.hpp"
#include "web/message.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rowmill::web {

/// What is told of a run as it happens, rendered once for all who are sent it. One of each kind for each channel; thread-safe.
class Feeds {
public:
    enum class Kind : std::uint8_t {
        events,  ///< text/event-stream: `progress` (the JSON of status), `note`, `warning`, `end`; each with an id
        lines,   ///< readable lines: one at once, then one a second, notes as they come, one at the end
    };

    Feeds();
    ~Feeds();

    /// `last_event_id`: what a client that comes back has seen. A client of another life of this server gets the present state.
    std::unique_ptr<Stream> follow(const std::shared_ptr<progress::Channel>& channel, Kind kind,
                                   const std::optional<std::string>& last_event_id = {});

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace rowmill::web
