#include "web/streams.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <atomic>
#include <random>
#include <set>
#include <thread>

using namespace rowmill;
using progress::Channel;
using web::Feeds;
using web::Stream;

namespace {

progress::Snapshot settled(std::uint64_t rows) {
    progress::Snapshot now;
    now.run = 7;
    now.job = "fix-invoices";
    now.state = "running";
    now.settled = rows;
    return now;
}

progress::Summary ended(std::uint64_t rows) {
    progress::Summary summary;
    summary.last = settled(rows);
    summary.last.state = "succeeded";
    summary.why_stopped = "all sacks are done";
    return summary;
}

/// What the stream has to send at the moment.
std::string read(Stream& stream) {
    std::string text;
    while (const auto frame = stream.next()) text += *frame;
    return text;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
    return found;
}

/// An event as a browser's EventSource reads it.
struct Event {
    std::string id, name;
    boost::json::value data;
};

std::vector<Event> events_of(const std::string& text) {
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

std::vector<Event> read_events(Stream& stream) { return events_of(read(stream)); }

/// A channel and those who are sent it, at a time of the test's own.
struct Stage {
    progress::Pace::Time now{};
    Feeds feeds{[this] { return now; }};
    std::shared_ptr<Channel> channel = std::make_shared<Channel>(7);

    std::unique_ptr<Stream> events(const std::string& last_event_id = "") {
        return feeds.follow(channel, Feeds::Kind::events, last_event_id);
    }
    std::unique_ptr<Stream> lines() { return feeds.follow(channel, Feeds::Kind::lines); }
    void pass(double seconds) { now += std::chrono::duration_cast<progress::Pace::Time::duration>(std::chrono::duration<double>{seconds}); }
};

}  // namespace

TEST_CASE("an event stream begins with how soon to come back, and the present state") {
    Stage stage;
    stage.channel->progress(settled(10));
    const auto stream = stage.events();
    const std::string text = read(*stream);
    CHECK(text.starts_with("retry: 2000\n\n"));
    const auto events = events_of(text);
    REQUIRE(events.size() == 1);
    CHECK(events[0].name == "progress");
    CHECK(events[0].data.at("settled").as_int64() == 10);
    CHECK_FALSE(events[0].id.empty());
    CHECK_FALSE(stream->is_over());
}

TEST_CASE("notes and warnings are events, in the order in which they were told, and each is on one line") {
    Stage stage;
    const auto stream = stage.events();
    stage.channel->note("first\nevent: end\n\n");
    stage.channel->warning("\xff second");
    const auto events = read_events(*stream);
    REQUIRE(events.size() == 2);
    CHECK(events[0].name == "note");
    CHECK(events[0].data.at("line").as_string() == "first\nevent: end\n\n");
    CHECK(events[1].name == "warning");
    CHECK(events[1].data.at("line").as_string() == "\xEF\xBF\xBD second");
    CHECK(events[1].data.at("is_warning").as_bool());
    CHECK(events[0].id != events[1].id);
}

TEST_CASE("the end comes behind the last state, and nothing behind the end") {
    Stage stage;
    const auto stream = stage.events();
    stage.channel->progress(settled(10));
    stage.channel->finished(ended(500));
    const auto events = read_events(*stream);
    REQUIRE(events.size() == 2);
    CHECK(events[0].name == "progress");
    CHECK(events[0].data.at("state").as_string() == "succeeded");
    CHECK(events[1].name == "end");
    CHECK(events[1].data.at("state").as_string() == "succeeded");
    CHECK(events[1].data.at("why_stopped").as_string() == "all sacks are done");
    CHECK(events[1].data.at("exit_code").as_int64() == 0);
    CHECK(stream->is_over());
    CHECK_FALSE(stream->next());
}

TEST_CASE("of a run that is over a stream tells how it ended, and ends") {
    Stage stage;
    progress::Snapshot last = settled(500);
    last.state = "cancelled";
    stage.channel->end(last);
    const auto stream = stage.events();
    const auto events = read_events(*stream);
    REQUIRE(events.size() == 2);
    CHECK(events[1].data.at("state").as_string() == "cancelled");
    CHECK(events[1].data.at("exit_code").is_null());
    CHECK(stream->is_over());
}

TEST_CASE("a client that comes back gets the lines that it has not seen, and the present state") {
    Stage stage;
    const auto stream = stage.events();
    stage.channel->note("seen");
    stage.channel->progress(settled(1));
    const std::string id = read_events(*stream).back().id;
    stage.channel->progress(settled(2));
    stage.channel->note("unseen");
    stage.channel->progress(settled(3));
    const auto events = read_events(*stage.events(id));
    REQUIRE(events.size() == 2);
    CHECK(events[0].data.at("line").as_string() == "unseen");
    CHECK(events[1].data.at("settled").as_int64() == 3);
}

TEST_CASE("a client that has seen another channel, or says what no server ever said, begins with the present state") {
    Stage stage, other;
    other.channel->note("of another life");
    other.channel->progress(settled(1));
    const std::string foreign = read_events(*other.events())[0].id;
    stage.channel->note("told before");
    stage.channel->progress(settled(3));
    const std::string life = stage.channel->life();
    for (const std::string& id : {foreign, std::string{}, std::string{"-1"}, life, life + "-", life + "-x", life + "-1x", life + "--1",
                                  life + "-99999999999999999999999", life + "-77"}) {
        CAPTURE(id);
        const auto events = read_events(*stage.events(id));
        REQUIRE(events.size() == 1);
        CHECK(events[0].data.at("settled").as_int64() == 3);
    }
}

TEST_CASE("a stream that is slow gets the latest state alone, the last 200 lines, and how many it has missed") {
    Stage stage;
    const auto slow = stage.events(), quick = stage.events();
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        stage.channel->progress(settled(i));
        stage.channel->note("line " + std::to_string(i));
        CHECK(read_events(*quick).size() == 2);
    }
    const auto events = read_events(*slow);
    REQUIRE(events.size() == 202);
    CHECK(events[0].data.at("missed").as_int64() == 800);
    CHECK(events[1].data.at("line").as_string() == "line 801");
    CHECK(events[201].data.at("settled").as_int64() == 1000);
}

TEST_CASE("lines that nobody has looked at for long are counted for everybody") {
    Stage stage;
    const auto stream = stage.events();
    read(*stream);
    for (int i = 1; i <= 1000; ++i) stage.channel->note("line " + std::to_string(i));
    const auto events = read_events(*stream);
    REQUIRE(events.size() == 201);
    CHECK(events[0].data.at("missed").as_int64() == 800);
}

TEST_CASE("what is told is written down once for all who are sent it") {
    Stage stage;
    stage.channel->progress(settled(1));
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 1000; ++i) streams.push_back(stage.events());
    for (const auto& stream : streams) read(*stream);
    stage.channel->note("reconnected");
    stage.channel->progress(settled(2));
    std::set<const std::string*> frames;
    for (const auto& stream : streams)
        while (const auto frame = stream->next()) frames.insert(frame.get());
    CHECK(frames.size() == 2);
}

TEST_CASE("the channel has one subscriber for a thousand streams, and none when they have gone") {
    Stage stage;
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 1000; ++i) streams.push_back(stage.events());
    CHECK(stage.channel->subscribers() == 1);
    streams.push_back(stage.lines());
    CHECK(stage.channel->subscribers() == 2);
    streams.clear();
    CHECK(stage.channel->subscribers() == 0);
}

TEST_CASE("a stream is woken once until it has been read") {
    Stage stage;
    const auto stream = stage.events();
    int wakes = 0;
    stream->wake_with([&] { ++wakes; });
    stage.channel->progress(settled(1));
    stage.channel->progress(settled(2));
    CHECK(wakes == 1);
    read(*stream);
    stage.channel->progress(settled(3));
    CHECK(wakes == 2);
}

TEST_CASE("a stream is woken although another one has looked before it was its turn") {
    Stage stage;
    std::unique_ptr<Stream> first;
    // As a thread would that comes between the news and the feed.
    const auto early = stage.channel->subscribe([&] { if (first) read(*first); });
    first = stage.events();
    const auto second = stage.events();
    int wakes = 0;
    second->wake_with([&] { ++wakes; });
    stage.channel->progress(settled(1));
    CHECK(wakes == 1);
    CHECK(read_events(*second).size() == 1);
}

TEST_CASE("where very many look on, states of a run of our own come twice a second, and the last one all the same") {
    Stage stage;
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 300; ++i) {
        streams.push_back(stage.events());
        streams.back()->wake_with([] {});
    }
    progress::Snapshot now = settled(1);
    now.workers.resize(1);
    now.workers.front().is_self = true;
    std::size_t states = 0;
    for (now.settled = 1; now.settled <= 40; ++now.settled) {
        stage.channel->progress(now);
        states += read_events(*streams.front()).size();
        stage.pass(0.25);
    }
    CHECK(states == 20);
    stage.channel->finished(ended(41));
    for (const auto& stream : streams) {
        const auto events = read_events(*stream);
        CHECK(events.at(events.size() - 2).data.at("settled").as_int64() == 41);
        CHECK(events.back().name == "end");
    }
}

TEST_CASE("where very many look on, no state is passed over of a run that is followed from outside") {
    Stage stage;
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 300; ++i) {
        streams.push_back(stage.events());
        streams.back()->wake_with([] {});
    }
    for (std::uint64_t i = 1; i <= 5; ++i) {
        stage.channel->progress(settled(i));
        CHECK(read_events(*streams.back()).size() == 1);
    }
}

TEST_CASE("an event stream has a heartbeat that no client takes for an event") {
    Stage stage;
    CHECK(events_of(stage.events()->heartbeat()).empty());
    CHECK_FALSE(stage.events()->heartbeat().empty());
    CHECK(stage.lines()->heartbeat().empty());
}

TEST_CASE("lines show the state at once, then once a second") {
    Stage stage;
    stage.channel->progress(settled(1));
    const auto stream = stage.lines();
    CHECK(count(read(*stream), "fix-invoices: ") == 1);
    for (std::uint64_t i = 2; i <= 9; ++i) {
        stage.pass(0.25);
        stage.channel->progress(settled(i * 100));
        const std::string text = read(*stream);
        CAPTURE(i);
        CHECK(count(text, "\n") == (i % 4 == 1 ? 1 : 0));
    }
}

TEST_CASE("that a run is interrupted is a line at once, however lately there was one: it may be the last for long") {
    Stage stage;
    stage.channel->progress(settled(1));
    const auto stream = stage.lines();
    read(*stream);
    stage.pass(0.25);
    progress::Snapshot now = settled(100);
    now.state = "interrupted";
    stage.channel->progress(now);
    CHECK(read(*stream).ends_with("interrupted\n"));
    stage.channel->progress(now);
    CHECK(read(*stream).empty());
    CHECK(count(read(*stage.lines()), "interrupted") == 1);
}

TEST_CASE("notes are lines as they come, and harmless to a terminal") {
    Stage stage;
    const auto stream = stage.lines();
    stage.channel->note("reconnected\x1b[2J\nafter 3 s");
    const std::string text = read(*stream);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(count(text, "\n") == 1);
}

TEST_CASE("the last line says how the run ended") {
    Stage stage;
    stage.channel->progress(settled(1));
    const auto stream = stage.lines();
    read(*stream);
    stage.channel->finished(ended(500));
    const std::string text = read(*stream);
    CHECK(text.starts_with("run 7 · fix-invoices: succeeded"));
    CHECK(count(text, "\n") == 1);
    CHECK(stream->is_over());
}

TEST_CASE("the last line of a run that was followed from outside is its last state") {
    Stage stage;
    progress::Snapshot last = settled(500);
    last.state = "interrupted";
    stage.channel->end(last);
    const auto stream = stage.lines();
    const std::string text = read(*stream);
    CHECK(count(text, "interrupted") == 1);
    CHECK(count(text, "\n") == 1);
    CHECK(stream->is_over());
}

TEST_CASE("however streams come, read, break off and come back, none misses the end, sees a line twice, or goes back") {
    std::random_device device;
    const unsigned first = device();
    for (unsigned round = 0; round < 500; ++round) {
        const unsigned seed = first + round;
        CAPTURE(seed);
        std::mt19937 random{seed};
        const auto dice = [&](unsigned sides) { return std::uniform_int_distribution<unsigned>{0, sides - 1}(random); };
        struct Client {
            std::unique_ptr<Stream> stream;
            std::string last_id;
            std::int64_t settled = 0, line = 0;
            bool has_begun = false, has_ended = false;
        };
        Stage stage;
        std::vector<Client> clients(3);
        std::int64_t rows = 0, lines = 0, faults = 0;
        const auto read_some = [&](Client& client, unsigned frames) {
            for (; frames > 0; --frames) {
                const auto frame = client.stream->next();
                if (!frame) return;
                for (const Event& event : events_of(*frame)) {
                    client.last_id = event.id;
                    const auto& data = event.data.as_object();
                    if (event.name == "progress") {
                        if (data.at("settled").as_int64() < client.settled) ++faults;
                        client.settled = data.at("settled").as_int64();
                    } else if (data.contains("missed")) {
                        client.line += data.at("missed").as_int64();
                    } else if (event.name == "note") {
                        const std::int64_t number = std::stoll(std::string{data.at("line").as_string()});
                        if (client.has_begun && number != client.line + 1) ++faults;
                        client.line = number;
                    } else if (event.name == "end") {
                        client.has_ended = true;
                    }
                }
            }
        };
        const auto begin = [&](Client& client) {
            client.stream = stage.events(client.last_id);
            // Who has no id yet begins behind the lines that are there.
            if (client.last_id.empty()) client.line = lines;
            client.has_begun = true;
        };
        for (unsigned step = 50 + dice(300); step > 0; --step) {
            Client& client = clients[dice(3)];
            switch (dice(6)) {
                case 0: stage.channel->progress(settled(static_cast<std::uint64_t>(++rows))); break;
                case 1: for (unsigned n = dice(40); n > 0; --n) stage.channel->note(std::to_string(++lines)); break;
                case 2: client.stream ? client.stream.reset() : begin(client); break;
                default: if (client.stream) read_some(client, dice(60));
            }
        }
        stage.channel->finished(ended(static_cast<std::uint64_t>(++rows)));
        for (Client& client : clients) {
            if (!client.stream) begin(client);
            read_some(client, 1000);
            CHECK(client.has_ended);
            CHECK(client.settled == rows);
            CHECK(client.line == lines);
        }
        CHECK(faults == 0);
    }
}

TEST_CASE("streams that are read by many threads while a run is told all get its end") {
    Stage stage;
    std::atomic<int> ends = 0;
    {
        std::vector<std::jthread> readers;
        for (int i = 0; i < 4; ++i)
            readers.emplace_back([&] {
                for (int stream = 0; stream < 20; ++stream) {
                    const auto follower = stage.events();
                    std::atomic<bool> is_woken = true;
                    follower->wake_with([&] {
                        is_woken = true;
                        is_woken.notify_one();
                    });
                    while (!follower->is_over()) {
                        is_woken.wait(false);
                        is_woken = false;
                        while (follower->next())
                            if (stream < 10) break;  // leaves the rest unread, and goes
                        if (stream < 10) break;
                    }
                    if (follower->is_over()) ++ends;
                }
            });
        for (std::uint64_t i = 0; i < 2000; ++i) {
            stage.channel->progress(settled(i));
            if (i % 10 == 0) stage.channel->note("line");
        }
        stage.channel->finished(ended(2000));
    }
    CHECK(ends == 4 * 10);
    CHECK(stage.channel->subscribers() == 0);
}
