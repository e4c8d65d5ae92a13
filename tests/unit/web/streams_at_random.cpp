#include "stage.hpp"

#include <atomic>
#include <random>
#include <thread>

using namespace rowmill;
using namespace rowmill::test;
using web::Stream;

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
