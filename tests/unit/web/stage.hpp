#pragma once

#include "web/streams.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

inline progress::Snapshot settled(std::uint64_t rows) {
    progress::Snapshot now;
    now.run = 7;
    now.job = "fix-invoices";
    now.state = "running";
    now.settled = rows;
    return now;
}

inline progress::Summary ended(std::uint64_t rows) {
    progress::Summary summary;
    summary.last = settled(rows);
    summary.last.state = "succeeded";
    summary.why_stopped = "all sacks are done";
    return summary;
}

/// What the stream has to send at the moment.
inline std::string read(web::Stream& stream) {
    std::string text;
    while (const auto frame = stream.next()) text += *frame;
    return text;
}

inline std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
    return found;
}

/// An event as a browser's EventSource reads it.
struct Event {
    std::string id, name;
    boost::json::value data;
};

inline std::vector<Event> events_of(const std::string& text) {
    std::vector<Event> events;
    std::string id;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t to = text.find("\n\n", from);
        REQUIRE(to != std::string::npos);
        Event event;
        std::string data;
        for (std::size_t at = from; at < to;) {
            const std::size_t line_end = std::min(text.find('\n', at), to);
            const std::string line = text.substr(at, line_end - at);
            if (line.starts_with("id: ")) id = line.substr(4);
            if (line.starts_with("event: ")) event.name = line.substr(7);
            if (line.starts_with("data: ")) data += line.substr(6);
            at = line_end + 1;
        }
        event.id = id;
        if (!data.empty()) {
            event.data = boost::json::parse(data);
            events.push_back(event);
        }
        from = to + 2;
    }
    return events;
}

inline std::vector<Event> read_events(web::Stream& stream) { return events_of(read(stream)); }

/// A channel and those who are sent it, at a time of the test's own.
struct Stage {
    progress::Pace::Time now{};
    web::Feeds feeds{[this] { return now; }};
    std::shared_ptr<progress::Channel> channel = std::make_shared<progress::Channel>(7);

    std::unique_ptr<web::Stream> events(const std::string& last_event_id = "") {
        return feeds.follow(channel, web::Feeds::Kind::events, last_event_id);
    }
    /// So many who look on; with `are_awake` they are told when there is something to read.
    std::vector<std::unique_ptr<web::Stream>> crowd(int size, bool are_awake = false) {
        std::vector<std::unique_ptr<web::Stream>> streams;
        for (int i = 0; i < size; ++i) {
            streams.push_back(events());
            if (are_awake) streams.back()->wake_with([] {});
        }
        return streams;
    }
    std::unique_ptr<web::Stream> lines() { return feeds.follow(channel, web::Feeds::Kind::lines); }
    void pass(double seconds) { now += std::chrono::duration_cast<progress::Pace::Time::duration>(std::chrono::duration<double>{seconds}); }
};

}  // namespace rowmill::test
