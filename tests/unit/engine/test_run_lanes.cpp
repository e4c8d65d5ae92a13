#include "../../support/fake_table.hpp"

#include "engine/engine.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

using namespace rowmill;
using namespace rowmill::engine;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// Rows 1 … `rows` in lanes of `lane_rows`, worked on by real threads; what each test changes is a function here.
struct Bench {
    std::int64_t rows = 400, lane_rows = 50;
    bool transactions = false;
    Settings settings;
    Where where = Where::blocking;
    std::function<void(const Batch&, Context, Reply)> work = [](const Batch&, Context, Reply reply) {
        reply.answer(BatchOutcome{});
    };
    std::function<void(std::int64_t)> before_read = [](std::int64_t) {};
    std::function<void(std::span<const Settlement>)> before_record = [](std::span<const Settlement>) {};

    Stopping stopping;
    Counters counters;
    std::atomic<Work*> running{nullptr};
    std::map<std::string, double> waited;
    std::optional<Error> error;
    std::atomic<unsigned> scopes{0}, threads{0};

    std::mutex mutex;
    std::map<OriginId, Position> lows;
    Tally recorded;
    std::vector<DeadLetter> letters;
    std::vector<Retry> retries;
    std::map<OriginId, std::vector<Assignments::End>> ends;

    Bench() {
        settings.readers = 3;
        settings.concurrency = 16;
        settings.page_items = 20;
        settings.batch_size = {.start = 20, .least = 1, .most = 20, .target = 0ms};
        settings.checkpoint_interval = 2ms;
        settings.attempts.backoff = {0ms, 2ms};
    }

    void run();

    std::size_t ended(Assignments::End how) const {
        std::size_t count = 0;
        for (const auto& [origin, each] : ends)
            count += static_cast<std::size_t>(std::count(each.begin(), each.end(), how));
        return count;
    }
};

struct Rows : Source {
    Rows(Bench& given, std::int64_t after, std::int64_t upto) : bench{given}, at{after}, end{upto} {}
    Page next(std::size_t max, std::stop_token stop) override {
        if (stop.stop_requested()) throw Error{ErrorKind::stopped, "stopped"};
        bench.before_read(at);
        Page page{.items = {}, .after = position(at), .upto = {}};
        std::vector<std::int64_t> keys;
        while (at < end && keys.size() < max) keys.push_back(++at);
        page.items = items_of(keys);
        page.count = keys.size();
        page.upto = position(at);
        page.at_end = at == end;
        return page;
    }
    Bench& bench;
    std::int64_t at, end;
};

struct Working : Action {
    explicit Working(Bench& given) : bench{given} {}
    Where runs_on() const override { return bench.where; }
    void start(const Batch& batch, Context context, Reply reply) override {
        bench.work(batch, std::move(context), std::move(reply));
    }
    Bench& bench;
};

struct Book : Ledger {
    explicit Book(Bench& given) : bench{given} {}
    void record(std::span<const Settlement> settlements) override {
        bench.before_record(settlements);
        const std::lock_guard lock{bench.mutex};
        for (const Settlement& settlement : settlements) {
            bench.lows[settlement.origin] = settlement.low;
            bench.recorded += settlement.tally;
            bench.letters.insert(bench.letters.end(), settlement.dead_letters.begin(), settlement.dead_letters.end());
            bench.retries.insert(bench.retries.end(), settlement.retries.begin(), settlement.retries.end());
        }
    }
    Standing standing(OriginId, bool) override { return Standing::not_recorded; }
    Bench& bench;
};

struct NoTransaction : Transaction {
    void begin() override {}
    void commit() override {}
    void rollback() override {}
    void reconnect() override {}
    bool record_inside() const override { return true; }
};

struct Sacks : Assignments {
    explicit Sacks(Bench& given) : bench{given} {}
    std::unique_ptr<Lane> next(unsigned, std::stop_token stop) override {
        std::unique_lock lock{bench.mutex};
        // A lane that is held may be lost and come back: as long as one is, there may be more to do.
        if (given_out == bench.rows) changed.wait(lock, stop, [this] { return held == 0; });
        if (stop.stop_requested() || given_out == bench.rows) return nullptr;
        ++held;
        auto lane = std::make_unique<Lane>();
        lane->origin = static_cast<OriginId>(given_out) + 1;
        lane->low = position(given_out);
        lane->source = std::make_unique<Rows>(bench, given_out, std::min(bench.rows, given_out + bench.lane_rows));
        given_out = std::min(bench.rows, given_out + bench.lane_rows);
        lane->action = std::make_shared<Working>(bench);
        lane->ledger = book;
        if (bench.transactions) lane->transaction = std::make_shared<NoTransaction>();
        return lane;
    }
    void finished(unsigned, OriginId origin, End end) override {
        const std::lock_guard lock{bench.mutex};
        bench.ends[origin].push_back(end);
        --held;
        changed.notify_all();
    }
    Bench& bench;
    std::int64_t given_out = 0;
    int held = 0;
    std::condition_variable_any changed;
    std::shared_ptr<Book> book = std::make_shared<Book>(bench);
};

void Bench::run() {
    SteadyClock clock;
    Waits waits{clock};
    const ThreadScope scope = [this] {
        ++scopes;
        ++threads;
        return std::shared_ptr<void>{static_cast<void*>(this), [this](void*) { --scopes; }};
    };
    {
        Pool pool{3, scope, [&](const Error& fault) { running.load()->fail(fault); }};
        settings.make_room = [&](std::uint64_t items) {
            pool.grow(static_cast<unsigned>(items));
            return items;
        };
        Work shared{settings, pool, clock, stopping, counters, waits};
        running = &shared;
        Sacks sacks{*this};
        run_lanes(sacks, shared, scope);
        error = shared.error();
        waited = waits.seconds();
        CHECK(shared.dispatcher.in_flight() == shared.dispatcher.overdue());
    }
    CHECK(scopes == 0);
}

/// Every key seen, and how often. Thread-safe.
struct Seen {
    std::mutex mutex;
    std::map<std::int64_t, int> times;
    void note(const Batch& batch) {
        const std::lock_guard lock{mutex};
        for (std::size_t i = 0; i < batch.items.size(); ++i) ++times[batch.items[i].at(0).as_integer()];
    }
    bool all_once(std::int64_t rows) {
        if (times.size() != static_cast<std::size_t>(rows)) return false;
        return std::all_of(times.begin(), times.end(), [](const auto& each) { return each.second == 1; });
    }
};

}  // namespace

TEST_CASE("several readers and threads work on every row once, with a transaction and without") {
    for (const bool transactions : {true, false}) {
        CAPTURE(transactions);
        Bench bench;
        bench.transactions = transactions;
        Seen seen;
        bench.work = [&](const Batch& batch, Context, Reply reply) {
            seen.note(batch);
            reply.answer(BatchOutcome{});
        };
        bench.run();
        CHECK_FALSE(bench.error.has_value());
        CHECK(seen.all_once(bench.rows));
        CHECK(bench.recorded == Tally{400, 0, 0});
        CHECK(bench.counters.tally() == bench.recorded);
        CHECK(bench.ended(Assignments::End::completed) == 8);
        CHECK(bench.ends.size() == 8);
        for (const auto& [origin, low] : bench.lows) CHECK(key_at(low) == static_cast<std::int64_t>(origin) + 49);
    }
}

TEST_CASE("lanes with transactions work side by side, whatever the bound on items in flight") {
    Bench bench;
    bench.transactions = true;
    bench.settings.concurrency = 1;
    std::mutex mutex;
    std::condition_variable met;
    unsigned inside = 0;
    bench.work = [&](const Batch&, Context, Reply reply) {
        std::unique_lock lock{mutex};
        ++inside;
        met.notify_all();
        met.wait(lock, [&] { return inside >= 2; });  // would wait for ever, were there only one at a time
        reply.answer(BatchOutcome{});
    };
    bench.run();
    CHECK(bench.recorded.succeeded == 400);
}

TEST_CASE("never more items are in flight than the bound allows") {
    Bench bench;
    bench.settings.concurrency = 5;
    bench.settings.call_items = 2;
    std::atomic<std::uint64_t> inside{0}, most{0};
    bench.work = [&](const Batch& batch, Context, Reply reply) {
        const std::uint64_t now = inside += batch.count;
        for (std::uint64_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
        std::this_thread::yield();
        inside -= batch.count;
        reply.answer(BatchOutcome{});
    };
    bench.run();
    CHECK(most <= 5);
    CHECK(bench.recorded.succeeded == 400);
}

TEST_CASE("a concurrency that is raised while the run is on lets more in, on threads that are made for them") {
    for (const bool transacted : {true, false}) {
        CAPTURE(transacted);
        Bench bench;
        bench.rows = 800;
        bench.transactions = bench.settings.transacted = transacted;
        bench.settings.readers = 8;
        bench.settings.concurrency = 2;
        std::mutex mutex;
        std::condition_variable met;
        unsigned inside = 0, came = 0, most_before = 0;
        bool is_raised = false, have_met = false;
        bench.work = [&](const Batch&, Context, Reply reply) {
            std::unique_lock lock{mutex};
            ++inside;
            if (!is_raised) most_before = std::max(most_before, inside);
            if (++came == 6) {
                is_raised = true;
                bench.running.load()->set_concurrency(8);
            }
            have_met = have_met || inside == 8;
            met.notify_all();
            met.wait(lock, [&] { return !is_raised || have_met; });  // for ever, where no more come in
            --inside;
            lock.unlock();
            reply.answer(BatchOutcome{});
        };
        bench.run();
        CHECK(most_before <= 2);
        CHECK(bench.recorded.succeeded == 800);
    }
}

TEST_CASE("a concurrency that is lowered begins nothing more before enough has come to its end") {
    for (const bool transacted : {true, false}) {
        CAPTURE(transacted);
        Bench bench;
        bench.transactions = bench.settings.transacted = transacted;
        bench.settings.concurrency = 3;
        std::mutex mutex;
        unsigned inside = 0, came = 0, most_after = 0;
        bench.work = [&](const Batch&, Context, Reply reply) {
            {
                const std::lock_guard lock{mutex};
                ++inside;
                if (++came == 6) bench.running.load()->set_concurrency(1);
                if (came > 6 + 3) most_after = std::max(most_after, inside);  // but for those that were in flight then
            }
            std::this_thread::yield();
            {
                const std::lock_guard lock{mutex};
                --inside;
            }
            reply.answer(BatchOutcome{});
        };
        bench.run();
        CHECK(most_after == 1);
        CHECK(bench.recorded.succeeded == 400);
    }
}

TEST_CASE("a nice run rests after its work, and does all of it") {
    for (const bool transacted : {true, false}) {
        CAPTURE(transacted);
        Bench bench;
        bench.transactions = bench.settings.transacted = transacted;
        bench.settings.readers = 1;
        bench.settings.concurrency = 1;
        bench.settings.nice = 0.5;
        bench.work = [&](const Batch&, Context, Reply reply) {
            // Busy, as work is, for long enough to be measured.
            const auto end = std::chrono::steady_clock::now() + 1ms;
            while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
            reply.answer(BatchOutcome{});
        };
        bench.run();
        const double worked = transacted ? 0.024 : 0.4;
        CHECK(bench.waited["nice"] >= 0.25 * worked);
        CHECK(bench.recorded.succeeded == 400);
    }
}

TEST_CASE("no more is begun while much of what has settled is not recorded") {
    Bench bench;
    bench.settings.checkpoint_items = 10;
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t worked = 0;
    bool is_first = true;
    bench.work = [&](const Batch&, Context, Reply reply) {
        const std::lock_guard lock{mutex};
        ++worked;
        changed.notify_all();
        reply.answer(BatchOutcome{});
    };
    bench.before_record = [&](std::span<const Settlement>) {
        std::unique_lock lock{mutex};
        if (!std::exchange(is_first, false)) return;
        CHECK_FALSE(changed.wait_for(lock, 200ms, [&] { return worked == bench.rows; }));
    };
    bench.run();
    CHECK(bench.recorded.succeeded == 400);
}

TEST_CASE("a delay is no longer than a date can be, and not below zero") {
    Bench bench;
    bench.rows = bench.lane_rows = 2;
    bench.work = [](const Batch& batch, Context, Reply reply) {
        BatchOutcome outcome;
        const bool is_first = batch.items[0].at(0).as_integer() == 1;
        outcome.named.emplace_back(0, retry("later", is_first ? Duration::max() : Duration::min()));
        reply.answer(std::move(outcome));
    };
    bench.run();
    REQUIRE(bench.retries.size() == 2);
    for (const Retry& each : bench.retries)
        CHECK(each.delay == (each.key == position(1) ? Duration{std::chrono::hours{24 * 3650}} : Duration{0}));
}

TEST_CASE("answers from a thread of the action's own, some of them asking for a retry, are all recorded") {
    Bench bench;
    bench.where = Where::io;
    std::mutex mutex;
    std::condition_variable_any asked;
    std::vector<std::pair<Batch, Reply>> waiting;
    std::jthread answerer{[&](std::stop_token stop) {
        for (;;) {
            std::unique_lock lock{mutex};
            if (!asked.wait(lock, stop, [&] { return !waiting.empty(); })) return;
            auto [batch, reply] = std::move(waiting.back());
            waiting.pop_back();
            lock.unlock();
            BatchOutcome outcome;
            const bool again = batch.attempt == 1 && batch.items[0].at(0).as_integer() % 7 == 0;
            if (again) outcome.named.emplace_back(0, retry("not yet"));
            reply.answer(std::move(outcome));
        }
    }};
    bench.work = [&](const Batch& batch, Context, Reply reply) {
        const std::lock_guard lock{mutex};
        waiting.emplace_back(batch, std::move(reply));
        asked.notify_one();
    };
    bench.run();
    CHECK(bench.recorded == Tally{343, 0, 0});
    CHECK(bench.retries.size() == 57);
    CHECK(bench.counters.retried.sum() == 57);
    CHECK(bench.ended(Assignments::End::completed) == 8);
}

TEST_CASE("draining ends early, with everything that was begun recorded") {
    for (const bool transactions : {true, false}) {
        CAPTURE(transactions);
        Bench bench;
        bench.transactions = transactions;
        bench.rows = 100'000;
        bench.lane_rows = 1000;
        std::atomic<std::uint64_t> begun{0};
        bench.work = [&](const Batch& batch, Context, Reply reply) {
            if ((begun += batch.count) >= 200) bench.stopping.drain("enough");
            reply.answer(BatchOutcome{});
        };
        bench.run();
        CHECK_FALSE(bench.error.has_value());
        CHECK(begun < 100'000);
        CHECK(bench.recorded.succeeded == begun);
        CHECK(bench.ended(Assignments::End::stopped) > 0);
    }
}

TEST_CASE("an item that asks for more time is kept for later, and its lane completes") {
    Bench bench;
    bench.rows = bench.lane_rows = 10;
    bench.work = [&](const Batch&, Context, Reply reply) {
        reply.answer(
            BatchOutcome{.skipped = 0, .named = {{0, retry("in an hour", Duration{3'600'000})}}, .counted = {}});
    };
    bench.run();
    CHECK_FALSE(bench.error.has_value());
    CHECK(bench.recorded.settled() == 0);
    REQUIRE(bench.retries.size() == 10);
    CHECK(bench.retries.front().attempts == 0);
    CHECK(bench.retries.front().delay == Duration{3'600'000});
    CHECK(bench.ended(Assignments::End::completed) == 1);
}

TEST_CASE("a call whose time is up is settled as a retry and asked to give up, and its late answer is dropped") {
    Bench bench;
    bench.rows = bench.lane_rows = 5;
    bench.settings.timeout = 20ms;
    bench.where = Where::io;
    std::mutex mutex;
    std::vector<std::jthread> handlers;
    bench.work = [&](const Batch& batch, Context context, Reply reply) {
        if (batch.items[0].at(0).as_integer() != 3) return reply.answer(BatchOutcome{});
        const std::lock_guard lock{mutex};
        handlers.emplace_back([stop = context.stop, reply = std::move(reply)]() mutable {
            std::mutex own;
            std::condition_variable_any never;
            std::unique_lock waiting{own};
            never.wait(waiting, stop, [] { return false; });
            reply.answer(BatchOutcome{.skipped = 0, .named = {{0, failure("too late")}}, .counted = {}});
        });
    };
    bench.run();
    CHECK_FALSE(bench.error.has_value());
    CHECK(bench.recorded == Tally{4, 0, 0});
    REQUIRE(bench.retries.size() == 1);
    CHECK(bench.retries.front().key == position(3));
    CHECK(bench.retries.front().error_class == "timeout");
    CHECK(bench.retries.front().attempts == 1);
    CHECK(bench.ended(Assignments::End::completed) == 1);
}

TEST_CASE("the last attempt that runs out of time leaves a dead letter") {
    Bench bench;
    bench.rows = bench.lane_rows = 1;
    bench.settings.timeout = 20ms;
    bench.settings.attempts.max_attempts = 1;
    bench.where = Where::io;
    std::optional<Reply> kept;
    bench.work = [&](const Batch&, Context, Reply reply) { kept = std::move(reply); };
    bench.run();
    CHECK(bench.recorded == Tally{0, 0, 1});
    REQUIRE(bench.letters.size() == 1);
    CHECK(bench.letters.front().error_class == "timeout");
    // It never gave up: the run has ended without it, and what it says now has no effect.
    kept.reset();
}

TEST_CASE("dropping returns as soon as the actions heed it, and records nothing of what was dropped") {
    Bench bench;
    std::atomic<unsigned> dropped{0};
    bench.work = [&](const Batch&, Context context, Reply reply) {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock{mutex};
        bench.stopping.drop("leave");
        never.wait(lock, context.stop, [] { return false; });
        ++dropped;
        reply.fail(Error{ErrorKind::stopped, "gave up"});
    };
    bench.run();
    CHECK(dropped > 0);
    CHECK_FALSE(bench.error.has_value());
    CHECK(bench.recorded.settled() == 0);
}

TEST_CASE("a reply that is dropped unanswered is a failure of its items, and no slot is lost") {
    for (const bool transactions : {true, false}) {
        CAPTURE(transactions);
        Bench bench;
        bench.transactions = transactions;
        bench.settings.max_failures.number = 1000;
        bench.work = [&](const Batch& batch, Context, Reply reply) {
            if (batch.count == 1 && batch.items[0].at(0).as_integer() == 13) return;
            for (std::size_t i = 0; i < batch.items.size(); ++i)
                if (batch.items[i].at(0).as_integer() == 13) return;
            reply.answer(BatchOutcome{});
        };
        bench.run();
        CHECK_FALSE(bench.error.has_value());
        CHECK(bench.recorded == Tally{399, 0, 1});
        REQUIRE(bench.letters.size() == 1);
        CHECK(bench.letters[0].key == position(13));
        CHECK(bench.letters[0].reason == "the action never answered");
    }
}

TEST_CASE("an action that throws fails the run, settles nothing of its batch, and every thread ends") {
    for (const bool transactions : {true, false}) {
        for (const Where where : {Where::blocking, Where::io}) {
            CAPTURE(transactions);
            Bench bench;
            bench.transactions = transactions;
            bench.where = where;
            bench.work = [](const Batch& batch, Context, Reply reply) {
                for (std::size_t i = 0; i < batch.items.size(); ++i)
                    if (batch.items[i].at(0).as_integer() == 13) throw std::runtime_error{"thrown by the action"};
                reply.answer(BatchOutcome{});
            };
            bench.run();
            REQUIRE(bench.error.has_value());
            CHECK(bench.error->kind() == ErrorKind::internal);
            CHECK(std::string{bench.error->what()} == "thrown by the action");
            CHECK(bench.letters.empty());
            CHECK(key_at(bench.lows[1]) < 13);
        }
    }
}

TEST_CASE("what is thrown after the answer counts, and nothing is counted twice") {
    Bench bench;
    bench.rows = bench.lane_rows = 1;
    bench.work = [](const Batch&, Context, Reply reply) {
        reply.answer(BatchOutcome{});
        throw 42;
    };
    bench.run();
    REQUIRE(bench.error.has_value());
    CHECK(bench.recorded.settled() == 0);
}

TEST_CASE("a source that throws fails the run, never ends its lane, and every thread ends") {
    for (const bool transactions : {true, false}) {
        for (const bool ours : {true, false}) {
            CAPTURE(transactions);
            CAPTURE(ours);
            Bench bench;
            bench.transactions = transactions;
            bench.before_read = [&](std::int64_t at) {
                if (at <= 100 || at >= 150) return;  // past the first page of the lane that begins at 101
                if (ours) throw Error{ErrorKind::fatal, "the table is gone"};
                throw std::runtime_error{"the table is gone"};
            };
            bench.run();
            REQUIRE(bench.error.has_value());
            CHECK(std::string{bench.error->what()} == "the table is gone");
            CHECK(bench.ends[101] == std::vector<Assignments::End>{Assignments::End::stopped});
            CHECK(key_at(bench.lows[101]) <= 120);
        }
    }
}

TEST_CASE("too many failed items fail the run, with the last reason") {
    for (const bool transactions : {true, false}) {
        CAPTURE(transactions);
        Bench bench;
        bench.transactions = transactions;
        bench.rows = 100'000;
        bench.lane_rows = 1000;
        bench.settings.max_failures.number = 5;
        bench.work = [](const Batch& batch, Context, Reply reply) {
            BatchOutcome outcome;
            for (std::uint32_t i = 0; i < batch.count; ++i) outcome.named.emplace_back(i, failure("no such file"));
            reply.answer(std::move(outcome));
        };
        bench.run();
        REQUIRE(bench.error.has_value());
        CHECK(bench.error->kind() == ErrorKind::fatal);
        CHECK(std::string{bench.error->what()}.find("no such file") != std::string::npos);
        CHECK(bench.recorded.failed < 100'000);
    }
}

TEST_CASE("exactly as many rows are worked on as the limit says, by however many readers") {
    for (const bool transactions : {true, false}) {
        for (const std::uint64_t limit : {1, 20, 33, 150, 399, 1000}) {
            CAPTURE(transactions);
            CAPTURE(limit);
            Bench bench;
            bench.transactions = transactions;
            bench.settings.limit = limit;
            bench.run();
            CHECK_FALSE(bench.error.has_value());
            CHECK(bench.recorded.succeeded == std::min<std::uint64_t>(limit, 400));
            if (limit < 400) CHECK(bench.stopping.why() == "the limit is reached");
        }
    }
}

TEST_CASE("a lane that is taken over ends as lost, and the others complete") {
    for (const bool transactions : {true, false}) {
        CAPTURE(transactions);
        Bench bench;
        bench.transactions = transactions;
        bench.before_record = [](std::span<const Settlement> settlements) {
            for (const Settlement& settlement : settlements)
                if (settlement.origin == 101) throw Error{ErrorKind::fenced, "taken over"};
        };
        bench.run();
        CHECK_FALSE(bench.error.has_value());
        CHECK(bench.ends[101] == std::vector<Assignments::End>{Assignments::End::lost});
        CHECK(bench.ended(Assignments::End::completed) == 7);
        CHECK(bench.recorded.succeeded == 350);
        CHECK_FALSE(bench.lows.contains(101));
    }
}

TEST_CASE("every thread that works holds the scope") {
    Bench bench;
    bench.run();
    CHECK(bench.threads == 3 + 3 + 1);  // the pool's, the readers', the checkpointer's
}

TEST_CASE("a scope that cannot be made fails the run instead of ending the process") {
    Bench bench;
    SteadyClock clock;
    Waits waits{clock};
    Pool pool{1, {}, [](const Error&) {}};
    Work work{bench.settings, pool, clock, bench.stopping, bench.counters, waits};
    Sacks sacks{bench};
    run_lanes(sacks, work, []() -> std::shared_ptr<void> { throw Error{ErrorKind::internal, "no scope"}; });
    REQUIRE(work.error().has_value());
    CHECK(std::string{work.error()->what()} == "no scope");
}

TEST_CASE("a pool hands what its work throws to whoever listens, and goes on") {
    std::mutex mutex;
    std::condition_variable done;
    std::vector<std::string> faults;
    bool went_on = false;
    {
        Pool pool{1, {}, [&](const Error& fault) {
                      const std::lock_guard lock{mutex};
                      faults.emplace_back(fault.what());
                  }};
        pool.post([] { throw std::runtime_error{"first"}; });
        pool.post([] { throw Error{ErrorKind::fatal, "second"}; });
        pool.post([] { throw 3; });
        pool.post_after(Duration{1}, [&] {
            const std::lock_guard lock{mutex};
            went_on = true;
            done.notify_one();
        });
        std::unique_lock lock{mutex};
        done.wait(lock, [&] { return went_on; });
    }
    CHECK(faults == std::vector<std::string>{"first", "second", "something was thrown that is no exception"});
}

TEST_CASE("a pool that ends does not wait for work whose time has not come") {
    bool ran = false;
    {
        Pool pool{2, {}, [](const Error&) {}};
        pool.post_after(1h, [&] { ran = true; });
    }
    CHECK_FALSE(ran);
}
