#include "../../support/fakes.hpp"

#include "engine/checkpointer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;

namespace {

/// Keeps each call's reply until the schedule answers it.
class HeldAction : public Action {
public:
    HeldAction(const FakeTable& table, Dice& dice, std::map<std::int64_t, unsigned>& worked)
        : table_{table}, dice_{dice}, worked_{worked} {}

    Where runs_on() const override { return dice_.chance(0.5) ? Where::io : Where::blocking; }
    void start(const Batch& batch, Context, Reply reply) override {
        in_flight += batch.count;
        most_in_flight = std::max(most_in_flight, in_flight);
        if (dice_.chance(0.1))
            answer(batch, std::move(reply));  // before its start has returned
        else
            calls_.push_back({batch, std::move(reply)});
    }

    bool answer_one() {
        if (calls_.empty()) return false;
        const std::size_t chosen = dice_.between(0, calls_.size() - 1);
        std::swap(calls_[chosen], calls_.back());
        Call call = std::move(calls_.back());
        calls_.pop_back();
        answer(call.batch, std::move(call.reply));
        return true;
    }
    std::size_t calls() const { return calls_.size(); }
    void forget() { calls_.clear(); }

    std::uint64_t in_flight = 0, most_in_flight = 0;
    double retry_chance = 0;

private:
    struct Call {
        Batch batch;
        Reply reply;
    };

    void answer(const Batch& batch, Reply reply) {
        in_flight -= batch.count;
        BatchOutcome outcome;
        for (std::uint32_t i = 0; i < batch.count; ++i) {
            const std::int64_t key = batch.items[i].at(0).as_integer();
            ++worked_[key];
            if (table_.poisoned.contains(key))
                outcome.named.emplace_back(i, dice_.chance(0.5) ? failure("poisoned") : retry("poisoned"));
            else if (dice_.chance(retry_chance))
                outcome.named.emplace_back(i, dice_.chance(0.5) ? retry("later", Duration{5}) : retry("again"));
            else if (table_.skipped.contains(key))
                outcome.named.emplace_back(i, skip("not needed"));
        }
        reply.answer(std::move(outcome));
        reply.answer(BatchOutcome{});  // a second answer is ignored
    }

    const FakeTable& table_;
    Dice& dice_;
    std::map<std::int64_t, unsigned>& worked_;
    std::vector<Call> calls_;
};

/// What waits for another attempt, as a lane: its source finds what is not being worked on, its ledger settles by item.
class WaitingRows : public Source, public Ledger {
public:
    explicit WaitingRows(Durable& durable) : durable_{durable} {}

    bool has_more() const { return claimed_.size() < durable_.waiting.size(); }

    Page next(std::size_t max, std::stop_token) override {
        Page page;
        std::vector<std::int64_t> keys;
        for (const auto& [key, attempts] : durable_.waiting) {
            if (keys.size() == max || !claimed_.insert(key).second) continue;
            keys.push_back(key);
            page.trials.push_back({attempts + 1, "again"});
        }
        page.count = keys.size();
        if (keys.empty()) return page;
        page.items = items_of(keys);
        page.upto = position(keys.back());
        return page;
    }

    void record(std::span<const Settlement> settlements) override {
        for (const Settlement& settlement : settlements) {
            for (const Key& key : settlement.succeeded) end(key_at(key));
            for (const Key& key : settlement.skipped) end(key_at(key));
            for (const DeadLetter& letter : settlement.dead_letters) {
                end(key_at(letter.key));
                ++durable_.letters[key_at(letter.key)];
            }
            for (const Retry& retry : settlement.retries) {
                durable_.waiting.at(key_at(retry.key)) = retry.attempts;
                claimed_.erase(key_at(retry.key));
            }
            CHECK(settlement.succeeded.size() == settlement.tally.succeeded);
            CHECK(settlement.skipped.size() == settlement.tally.skipped);
            durable_.tally += settlement.tally;
        }
    }
    Standing standing(OriginId, bool) override { return Standing::recorded; }

private:
    void end(std::int64_t key) {
        CHECK(durable_.waiting.erase(key) == 1);
        claimed_.erase(key);
    }

    Durable& durable_;
    std::set<std::int64_t> claimed_;
};

/// A source that is somebody else's too.
class Borrowed : public Source {
public:
    explicit Borrowed(std::shared_ptr<WaitingRows> rows) : rows_{std::move(rows)} {}
    Page next(std::size_t max, std::stop_token stop) override { return rows_->next(max, stop); }

private:
    std::shared_ptr<WaitingRows> rows_;
};

/// One origin, worked on without transactions by one process after another, and what of it waits for another attempt.
struct World {
    World(std::uint64_t seed, Storm storm) : dice{seed}, server{dice, std::move(storm)}, table{FakeTable::any(dice)} {
        settings.concurrency = dice.between(1, 8);
        settings.call_items = dice.between(1, std::min<std::uint64_t>(3, settings.concurrency));
        settings.attempts.max_attempts = 1000;
        settings.attempts.random = [this] { return dice.bits(); };
        settings.max_failures.number = 1000;
    }

    /// One process, until it has nothing left to do or is killed, after about `steps` steps.
    void run(std::uint64_t steps) {
        Stopping stopping;
        Counters counters;
        Waits waits{clock};
        ManualExecutor executor{ManualExecutor::Posts::held};
        Work work{settings, executor, clock, stopping, counters, waits};
        server.claim();
        const auto action = std::make_shared<HeldAction>(table, dice, worked);
        action->retry_chance = retry_chance;
        ends.clear();
        Checkpointer checkpointer{work, [this](OriginId origin, Assignments::End end) {
                                      if (origin != retries_origin) ends.push_back(end);
                                  }};
        auto lane = std::make_unique<Lane>();
        lane->low = position(server.durable.low);
        lane->source = std::make_unique<FakeSource>(table, dice, server.durable.low);
        for (const std::int64_t key : server.durable.above) lane->above.push_back(position(key));
        lane->action = action;
        lane->ledger = std::make_shared<ReconnectingLedger>(server);
        const auto detached = std::make_shared<DetachedLane>(std::move(lane), work, checkpointer);
        checkpointer.add(detached);
        const auto rows = std::make_shared<WaitingRows>(server.durable);
        const auto retries = std::make_shared<DetachedLane>(retry_lane(rows, action), work, checkpointer);
        checkpointer.add(retries);
        bool reading = true;
        const auto is_busy = [&] {
            return reading || executor.held() > 0 || action->calls() > 0 || is_left(server.durable, work);
        };
        for (; steps > 0 && is_busy(); --steps) {
            const std::uint64_t room =
                settings.concurrency - std::min(settings.concurrency, work.dispatcher.in_flight());
            switch (dice.between(0, 3)) {
                case 0:
                    if (room == 0) break;
                    if (rows->has_more())
                        retries->dispatch(retries->source().next(std::min(room, dice.between(1, 4)), {}), handing_out);
                    else if (reading)
                        reading = read(*detached, std::min(room, dice.between(1, 4)));
                    break;
                case 1:
                    executor.run_one(dice);
                    break;
                case 2:
                    action->answer_one();
                    break;
                default:
                    if (dice.chance(0.3)) checkpointer.write(dice.chance(0.5) ? Checkpointer::Which::all : Checkpointer::Which::completing);
            }
            CHECK(work.dispatcher.in_flight() <= settings.concurrency);
        }
        CHECK(action->most_in_flight <= settings.concurrency);
        if (steps > 0) {
            CHECK(work.dispatcher.in_flight() == 0);
            retries->close_source(true);
            checkpointer.finish();
        } else {  // killed: nothing more of it runs
            stopping.drop("killed");
            action->forget();
            executor.forget();
        }
        error = work.error();
    }

    std::unique_ptr<Lane> retry_lane(const std::shared_ptr<WaitingRows>& rows, std::shared_ptr<Action> action) {
        auto lane = std::make_unique<Lane>();
        lane->origin = retries_origin;
        lane->source = std::make_unique<Borrowed>(rows);
        lane->action = std::move(action);
        lane->ledger = rows;
        lane->by_item = true;
        return lane;
    }

    /// What has to be recorded, or tried again.
    bool is_left(const Durable& durable, const Work& work) const {
        if (work.error() || lost()) return false;
        return !durable.complete || !durable.waiting.empty();
    }
    bool lost() const { return std::count(ends.begin(), ends.end(), Assignments::End::lost) > 0; }
    bool is_done() const { return server.durable.complete && server.durable.waiting.empty(); }

    std::chrono::microseconds handing_out{0};

    bool read(DetachedLane& lane, std::uint64_t items) {
        const Page page = lane.source().next(items, {});
        if (!lane.dispatch(page, handing_out)) {
            lane.close_source(false);
            return false;
        }
        if (page.at_end) lane.close_source(true);
        return !page.at_end;
    }

    /// Somebody deletes a row that was settled above the low mark.
    void forget_row() {
        const std::int64_t key = *server.durable.above.begin();
        if (key == table.last()) return;
        table.keys.erase(key);
        deleted = true;
    }

    void check_settled() {
        CHECK(server.durable.complete);
        CHECK(server.durable.above.empty());
        CHECK(server.durable.waiting.empty());
        CHECK(server.durable.low == table.last());
        if (!deleted) {
            CHECK(server.durable.tally.settled() == table.keys.size());
            CHECK(server.durable.tally.skipped == table.skipped.size());
            CHECK(server.durable.tally.failed == table.poisoned.size());
        }
        for (const std::int64_t key : table.keys) {
            CAPTURE(key);
            CHECK(worked[key] >= 1);
            const auto letters = server.durable.letters.find(key);
            CHECK((letters == server.durable.letters.end() ? 0 : letters->second) == table.poisoned.count(key));
        }
    }

    /// A ledger with a session of its own, which it replaces itself.
    struct ReconnectingLedger : Ledger {
        explicit ReconnectingLedger(FakeServer& given) : server{given} {}
        void record(std::span<const Settlement> settlements) override {
            try {
                server.begin();
                for (const Settlement& settlement : settlements) server.record(settlement);
                server.commit();
            } catch (const Error&) {
                server.abandon();
                throw;
            }
        }
        Standing standing(OriginId, bool commit_sent) override {
            server.reconnect();
            return server.standing(commit_sent);
        }
        FakeServer& server;
    };

    static constexpr OriginId retries_origin = 99;
    Dice dice;
    FakeServer server;
    FakeTable table;
    FakeClock clock;
    Settings settings;
    double retry_chance = 0;
    bool deleted = false;
    std::map<std::int64_t, unsigned> worked;
    std::vector<Assignments::End> ends;
    std::optional<Error> error;
};

constexpr std::uint64_t no_kill = 1'000'000;

}  // namespace

TEST_CASE("answers in any order settle every item once, with no more in flight than allowed") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {}};
        world.run(no_kill);
        CHECK(world.ends == std::vector{Assignments::End::completed});
        CHECK_FALSE(world.error.has_value());
        world.check_settled();
        for (const auto& [key, times] : world.worked)
            if (!world.table.poisoned.contains(key)) CHECK(times == 1);
    });
}

TEST_CASE("an item that is retried settles once, and the lane completes only then") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {}};
        world.retry_chance = 0.4;
        world.run(no_kill);
        CHECK(world.ends == std::vector{Assignments::End::completed});
        world.check_settled();
    });
}

TEST_CASE("a process killed at any moment is followed by one that leaves nothing out") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {}};
        world.retry_chance = 0.1;
        for (int kills = 0; kills < 5 && !world.is_done(); ++kills) {
            world.run(world.dice.between(1, 60));
            if (!world.server.durable.above.empty() && world.dice.chance(0.2)) world.forget_row();
        }
        if (!world.is_done()) world.run(no_kill);
        world.check_settled();
    });
}

TEST_CASE("after a kill only what was in flight, or settled since the last checkpoint, is worked on again") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {}};
        world.table.poisoned.clear();
        world.run(world.dice.between(1, 200));
        std::set<std::int64_t> recorded = world.server.durable.above;
        for (const std::int64_t key : world.table.keys)
            if (key <= world.server.durable.low) recorded.insert(key);
        const auto before = world.worked;
        if (!world.is_done()) world.run(no_kill);
        for (const std::int64_t key : recorded) {
            CAPTURE(key);
            const auto found = before.find(key);
            CHECK(world.worked[key] == (found == before.end() ? 0 : found->second));
        }
        world.check_settled();
    });
}

TEST_CASE("a checkpoint in doubt, refused or lost on the way is neither forgotten nor counted twice") {
    const std::vector<ErrorKind> kinds{ErrorKind::disconnected, ErrorKind::replay,   ErrorKind::overloaded,
                                       ErrorKind::interrupted,  ErrorKind::failover, ErrorKind::disk_full};
    for_each_seed(250, [&](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {kinds, 0.3, 30}};
        world.run(no_kill);
        CHECK(world.ends == std::vector{Assignments::End::completed});
        CHECK_FALSE(world.error.has_value());
        world.check_settled();
    });
}

TEST_CASE("a lane that was taken over is told lost once, fails nothing, and its successor completes it") {
    for_each_seed(250, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {{ErrorKind::fenced}, 0.2, 1}};
        world.run(no_kill);
        CHECK_FALSE(world.error.has_value());
        CHECK(world.ends.size() == 1);
        if (world.ends.front() == Assignments::End::lost) world.run(no_kill);
        world.check_settled();
    });
}

TEST_CASE("a checkpoint that cannot be written fails the run and loses nothing") {
    for_each_seed(100, [](std::uint64_t seed) {
        CAPTURE(seed);
        World world{seed, {{ErrorKind::fatal}, 0.5, 1}};
        world.run(no_kill);
        if (!world.is_done()) {
            CHECK(world.error->kind() == ErrorKind::fatal);
            CHECK(world.ends == std::vector{Assignments::End::stopped});
            world.run(no_kill);
        }
        world.check_settled();
    });
}
