#pragma once

#include "progress/channels.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace rowmill::web {

/// How what is told of a run is written down for who follows it. Pure.
struct Frames {
    virtual ~Frames() = default;
    /// What everybody is sent first; empty: nothing.
    virtual std::string opening() const { return {}; }
    /// `id` names the last line that was told before, or this one.
    virtual std::string line(const progress::Line& line, const std::string& id) const = 0;
    virtual std::string missed(std::uint64_t lines, const std::string& id) const = 0;
    /// The state without an id: what is costly to write, and the same when lines have come meanwhile.
    virtual std::string state(const progress::Snapshot& now, std::chrono::system_clock::time_point told_at) const = 0;
    virtual std::string state_frame(const std::string& state, const std::string& id) const = 0;
    /// `summary`: null where this process does not know it.
    virtual std::string end(const progress::Snapshot& last, const progress::Summary* summary, const std::string& id) const = 0;
    virtual std::string heartbeat() const { return {}; }
    /// States come so far apart, at least.
    virtual double every_seconds() const = 0;
    /// Whether the last state is sent before the end, or told by it.
    virtual bool shows_last_state() const = 0;
};

/// Server-sent events.
std::unique_ptr<Frames> event_frames();
/// Lines for people.
std::unique_ptr<Frames> line_frames();

}  // namespace rowmill::web
