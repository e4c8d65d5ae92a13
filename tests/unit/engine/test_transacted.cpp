#include "../../support/fakes.hpp"

#include "engine/transacted.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;

namespace {

const std::vector<ErrorKind> passing{ErrorKind::replay,     ErrorKind::disconnected, ErrorKind::interrupted,
                                     ErrorKind::overloaded, ErrorKind::failover,     ErrorKind::disk_full};
const std::vector<ErrorKind> blameless{ErrorKind::replay,       ErrorKind::disconnected, ErrorKind::interrupted,
                                       ErrorKind::overloaded,   ErrorKind::failover,     ErrorKind::disk_full,
                                       ErrorKind::disconnected, ErrorKind::replay,       ErrorKind::disconnected,
                                       ErrorKind::fatal,        ErrorKind::unsafe,       ErrorKind::internal,
                                       ErrorKind::fenced,       ErrorKind::stopped,      ErrorKind::unreachable,
                                       ErrorKind::usage,        ErrorKind::refused};
const std::vector<ErrorKind> every_kind = [] {
    std::vector<ErrorKind> kinds = blameless;
    kinds.push_back(ErrorKind::row);
    kinds.push_back(ErrorKind::too_large);
    return kinds;
}();

/// One table, one server with its storm, worked through in as many runs as it takes.
struct World {
    World(std::uint64_t seed, Storm storm) : dice{seed}, server{dice, std::move(storm)}, table{FakeTable::any(dice)} {
        table.names_guilty = dice.chance(0.5);
        settings.attempts.max_attempts = 1000;
        settings.attempts.random = [this] { return dice.bits(); };
        settings.max_failures.number = 1000;
        settings.batch_size = {.start = dice.between(1, 12), .least = 1, .most = 12, .target = Duration{0}};
    }

    Lane lane_from(std::unique_ptr<Source> source) {
        return {.origin = 1,
                .low = position(server.durable.low),
                .source = std::move(source),
                .action = std::make_shared<CountingAction>(server, table),
                .ledger = std::make_shared<FakeLedger>(server, record_inside),
                .transaction = std::make_shared<FakeTransaction>(server, record_inside)};
    }

    /// What one run works with.
    struct Site {
        explicit Site(World& world)
            : waits{world.clock}, work{world.settings, executor, world.clock, stopping, counters, waits} {
            world.server.claim();
        }

        Stopping stopping;
        Counters counters;
        Waits waits;
        ManualExecutor executor{ManualExecutor::Posts::run_at_once};
        Work work;
    };

    /// One run, from the checkpoint on, until it ends for whatever reason.
    Assignments::End run() {
        Site site{*this};
        server.before = [&](Step) {
            clock.advance(std::chrono::milliseconds{1});
            if (dice.chance(drain_chance)) site.stopping.drain("chance");
            if (dice.chance(drain_chance / 2)) site.stopping.drop("chance");
        };
        Lane lane = lane_from(std::make_unique<FakeSource>(table, dice, server.durable.low));
        Pace pace{.batch = BatchSize{settings.batch_size}, .page = PageSize{settings.page_items}};
        const auto end = drive_transacted(lane, site.work, pace);
        error = site.work.error();
        counted = site.counters.tally();
        posted = site.executor.posted();
        CHECK(site.work.dispatcher.in_flight() == 0);
        if (end == Assignments::End::completed) CHECK(server.durable.complete);
        return end;
    }

    void run_to_the_end() {
        for (int runs = 0; runs < 300 && !server.durable.complete; ++runs) run();
        CHECK(server.durable.complete);
        CHECK(server.durable.low == table.last());
    }

    unsigned worked(std::int64_t key) const { return value(server.durable.counters, key); }
    unsigned letters(std::int64_t key) const { return value(server.durable.letters, key); }
    bool is_good(std::int64_t key) const { return !table.poisoned.contains(key) && !table.skipped.contains(key); }

    void check_exactly_once() {
        const Tally& tally = server.durable.tally;
        CHECK(tally.failed == table.poisoned.size());
        CHECK(tally.skipped == table.skipped.size());
        CHECK(tally.settled() == table.keys.size());
        for (const std::int64_t key : table.keys) {
            CAPTURE(key);
            CHECK(worked(key) == (is_good(key) ? 1 : 0));
            CHECK(letters(key) == (table.poisoned.contains(key) ? 1 : 0));
        }
    }

    static unsigned value(const std::map<std::int64_t, unsigned>& of, std::int64_t key) {
        const auto found = of.find(key);
        return found == of.end() ? 0 : found->second;
    }

    Dice dice;
    FakeServer server;
    FakeTable table;
    FakeClock clock;
    Settings settings;
    bool record_inside = true;
    double drain_chance = 0;
    std::optional<Error> error;
    Tally counted;
    std::size_t posted = 0;
};

}  // namespace

TEST_CASE("without errors one run does every row once and counts what it did") {
    for_each_seed(200, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {}};
        CHECK(world.run() == Assignments::End::completed);
        world.check_exactly_once();
        CHECK(world.counted == world.server.durable.tally);
    });
}

TEST_CASE("where each next page is known the reader does the work itself, and the pool gets none of it") {
    for_each_seed(200, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {passing, 0.2, 40}};
        world.table.known = 1;
        CHECK(world.run() == Assignments::End::completed);
        world.check_exactly_once();
        CHECK(world.posted == 0);
    });
}

TEST_CASE("who waits for the next page keeps no permit from those who have one") {
    struct Watched : Source {
        std::unique_ptr<Source> source;
        const Work& work;
        int reads = 0;
        Watched(std::unique_ptr<Source> of, const Work& in) : source{std::move(of)}, work{in} {}
        Page next(std::size_t max, std::stop_token stop) override {
            ++reads;
            CHECK(work.lanes.held() == 0);
            return source->next(max, stop);
        }
    };
    World world{7, {}};
    world.table.keys = {1, 2, 3, 4, 5, 6, 7};
    world.table.poisoned = world.table.skipped = {};
    world.settings.batch_size.start = 2;
    world.settings.transacted = true;
    world.settings.concurrency = 1;
    World::Site site{world};
    auto source = std::make_unique<Watched>(std::make_unique<FakeSource>(world.table, world.dice, 0), site.work);
    const Watched& watched = *source;
    Lane lane = world.lane_from(std::move(source));
    lane.by_item = true;
    Pace pace{.batch = BatchSize{world.settings.batch_size}, .page = PageSize{world.settings.page_items}};
    CHECK(drive_transacted(lane, site.work, pace) == Assignments::End::completed);
    CHECK(watched.reads > 3);
    world.check_exactly_once();
}

TEST_CASE("reckoned batches tell how large one should be by the rows that there were, and empty ones tell nothing") {
    World world{7, {}};
    world.table.keys = {};
    world.table.poisoned = world.table.skipped = {};
    world.table.stretches = true;
    for (int key = 1; key <= 400; ++key) world.table.keys.insert(key);
    world.settings.batch_size = {.start = 10, .least = 1, .most = 1000, .target = std::chrono::milliseconds{100}};
    World::Site site{world};
    world.server.before = [&](Step) { world.clock.advance(std::chrono::milliseconds{1}); };
    Lane lane = world.lane_from(nullptr);
    BatchSize size{world.settings.batch_size};
    const auto size_after = [&](std::int64_t first, std::int64_t keys) {
        for (std::int64_t after = first; after < first + 20 * keys; after += keys) {
            Batch batch{.origin = 1, .count = 10, .after = position(after), .upto = position(after + keys), .items = {}, .is_reckoned = true};
            CHECK(transact(lane, std::move(batch), false, site.work, size).how == Attempt::Do::done);
        }
        return size.size();
    };
    CHECK(size_after(5000, 10) == 10);  // nothing is there
    CHECK(size_after(0, 4) == 10);      // less than was asked for
    CHECK(size_after(100, 10) > 10);
}

TEST_CASE("errors that pass never end a run, and no row is worked on twice or left out") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {passing, 0.2, 40}};
        CHECK(world.run() == Assignments::End::completed);
        world.check_exactly_once();
        CHECK(world.counted == world.server.durable.tally);
    });
}

TEST_CASE("whatever error strikes at whatever step, every row is worked on exactly once in the end") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {blameless, 0.15, 40}};
        world.run_to_the_end();
        world.check_exactly_once();
    });
}

TEST_CASE("draining and dropping at any moment leave nothing half done") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {blameless, 0.1, 20}};
        world.drain_chance = 0.03;
        world.run_to_the_end();
        world.check_exactly_once();
    });
}

TEST_CASE("a run that is dropped ends without an error") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {{ErrorKind::disconnected}, 0.2, 10}};
        world.drain_chance = 0.05;
        for (int runs = 0; runs < 300 && !world.server.durable.complete; ++runs) {
            world.run();
            CHECK_FALSE(world.error.has_value());
        }
        world.check_exactly_once();
    });
}

TEST_CASE("a server that went back in time is believed, not memory") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {blameless, 0.15, 40}};
        world.server.may_go_back_in_time = true;
        world.run_to_the_end();
        world.check_exactly_once();
    });
}

TEST_CASE("stretches without items are worked on exactly once, and split down to the row at fault") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {blameless, 0.15, 40}};
        world.table.stretches = true;
        world.run_to_the_end();
        world.check_exactly_once();
    });
}

TEST_CASE("with few attempts every row is either worked on once or one dead letter, never both or neither") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {every_kind, 0.2, 60}};
        world.settings.attempts.max_attempts = static_cast<unsigned>(world.dice.between(1, 4));
        world.table.stretches = world.dice.chance(0.3);
        world.run_to_the_end();
        for (const std::int64_t key : world.table.keys) {
            CAPTURE(key);
            const bool skipped = world.table.skipped.contains(key) && world.letters(key) == 0;
            CHECK(world.worked(key) + world.letters(key) == (skipped ? 0 : 1));
            if (world.table.poisoned.contains(key)) CHECK(world.letters(key) == 1);
        }
        CHECK(world.server.durable.tally.settled() == world.table.keys.size());
        CHECK(world.server.durable.tally.failed == world.server.durable.letters.size());
    });
}

TEST_CASE("where the record follows the commit nothing is left out") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {blameless, 0.15, 40}};
        world.record_inside = false;
        world.drain_chance = seed % 2 == 0 ? 0.02 : 0;
        world.table.stretches = world.dice.chance(0.3);
        world.run_to_the_end();
        CHECK(world.server.durable.tally.settled() == world.table.keys.size());
        for (const std::int64_t key : world.table.keys) {
            CAPTURE(key);
            if (world.is_good(key)) CHECK(world.worked(key) >= 1);
            CHECK(world.letters(key) == (world.table.poisoned.contains(key) ? 1 : 0));
        }
    });
}
