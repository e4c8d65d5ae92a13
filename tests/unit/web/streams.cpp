#include "stage.hpp"

#include <set>

using namespace rowmill;
using namespace rowmill::test;
using web::Stream;

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
    const auto streams = stage.crowd(1000);
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
    auto streams = stage.crowd(1000);
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
    const auto streams = stage.crowd(300, true);
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
    const auto streams = stage.crowd(300, true);
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
