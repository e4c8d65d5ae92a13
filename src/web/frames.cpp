#include "web/frames.hpp"

#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/render.hpp"
#include "web/pages.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace rowmill::web {
namespace {

namespace json = boost::json;

std::string text_of(const std::string& text) { return json::serialize(json::string{progress::valid_utf8(text)}); }

std::string missed_text(std::uint64_t lines) {
    return progress::grouped(lines) + (lines == 1 ? " line is" : " lines are") + " left out here";
}

std::string event(const char* name, const std::string& id, const std::string& data) {
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, name, data);
}

class EventFrames : public Frames {
public:
    std::string opening() const override { return "retry: 2000\n\n"; }

    std::string line(const progress::Line& line, const std::string& id) const override {
        return event(line.is_warning ? "warning" : "note", id,
                     fmt::format(R"({{"at":{},"is_warning":{},"line":{}}})", text_of(line.at), line.is_warning, text_of(line.text)));
    }

    std::string missed(std::uint64_t lines, const std::string& id) const override {
        return event("note", id, fmt::format(R"({{"at":null,"is_warning":false,"line":{},"missed":{}}})", text_of(missed_text(lines)), lines));
    }

    // The comment is for who measures how long an event is on its way.
    std::string state(const progress::Snapshot& now, std::chrono::system_clock::time_point told_at) const override {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(told_at.time_since_epoch()).count();
        return fmt::format("event: progress\ndata: {}\n: told at {}.{:06}\n\n", web::to_json(now), us / 1'000'000, us % 1'000'000);
    }

    std::string state_frame(const std::string& state, const std::string& id) const override {
        return fmt::format("id: {}\n{}", id, state);
    }

    std::string end(const progress::Snapshot& last, const progress::Summary* summary, const std::string& id) const override {
        const std::string why = summary == nullptr || summary->why_stopped.empty() ? "null" : text_of(summary->why_stopped);
        const std::string code = summary == nullptr ? "null" : std::to_string(summary->exit_code);
        return event("end", id, fmt::format(R"({{"state":{},"exit_code":{},"why_stopped":{}}})", text_of(last.state), code, why));
    }

    std::string heartbeat() const override { return ": \n\n"; }
    double every_seconds() const override { return 0; }
    bool shows_last_state() const override { return true; }
};

class LineFrames : public Frames {
public:
    std::string line(const progress::Line& line, const std::string&) const override { return progress::harmless(line.text) + "\n"; }
    std::string missed(std::uint64_t lines, const std::string&) const override { return missed_text(lines) + "\n"; }
    std::string state(const progress::Snapshot& now, std::chrono::system_clock::time_point) const override {
        return progress::to_line(now) + "\n";
    }
    std::string state_frame(const std::string& state, const std::string&) const override { return state; }
    std::string end(const progress::Snapshot& last, const progress::Summary* summary, const std::string&) const override {
        return (summary != nullptr ? progress::to_summary_line(*summary) : progress::to_line(last)) + "\n";
    }
    double every_seconds() const override { return 1; }
    bool shows_last_state() const override { return false; }
};

}  // namespace

std::unique_ptr<Frames> event_frames() { return std::make_unique<EventFrames>(); }
std::unique_ptr<Frames> line_frames() { return std::make_unique<LineFrames>(); }

}  // namespace rowmill::web
