#include "throttle/watch.hpp"

#include "../../support/fake_clock.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <utility>
#include <variant>

using namespace rowmill;
using namespace std::chrono_literals;
using throttle::Reading;
using throttle::Watch;

namespace {

/// What a throttle sees look after look, as a test says it: a look waits for the next word.
class Script {
public:
    void say(std::variant<Reading, Error> seen) {
        const std::lock_guard lock{mutex_};
        words_.push_back(std::move(seen));
        changed_.notify_all();
    }
    Reading next() {
        std::unique_lock lock{mutex_};
        ++looks_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !words_.empty() || broken_off_; });
        if (std::exchange(broken_off_, false)) throw Error{ErrorKind::disconnected, "broken off"};
        const auto word = words_.front();
        words_.pop_front();
        if (const auto* error = std::get_if<Error>(&word)) throw *error;
        return std::get<Reading>(word);
    }
    void break_off() {
        const std::lock_guard lock{mutex_};
        broken_off_ = true;
        ++breaks_;
        changed_.notify_all();
    }
    unsigned breaks() {
        const std::lock_guard lock{mutex_};
        return breaks_;
    }
    /// Waits until so many looks have begun, so that all before them are judged.
    void await_look(unsigned number) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 30s, [&] { return looks_ >= number; }));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::variant<Reading, Error>> words_;
    unsigned looks_ = 0, breaks_ = 0;
    bool broken_off_ = false;
};

class Scripted : public throttle::Throttle {
public:
    explicit Scripted(Script& script) : script_{script} {}
    std::string kind() const override { return "test"; }
    std::string asks() const override { return "the oracle"; }
    std::chrono::milliseconds interval() const override { return 1ms; }
    Reading look() override { return script_.next(); }
    void interrupt() override { script_.break_off(); }

private:
    Script& script_;
};

/// Everything about a watch but its throttles.
struct Bench {
    test::FakeClock clock;
    engine::Waits waits{clock};
    engine::Gate gate{waits};
    std::mutex mutex;
    std::condition_variable told;
    std::vector<std::string> began, notes, criticals;
    std::vector<Error> errors;
    throttle::Events events{.looked =
                                [this] {
                                    const std::lock_guard lock{mutex};
                                    told.notify_all();
                                },
                            .began = [this](const std::string& reason) { hear(began, reason); },
                            .note = [this](const std::string& line) { hear(notes, line); },
                            .critical = [this](const std::string& why) { hear(criticals, why); },
                            .failed = [this](const Error& error) { hear(errors, error); }};
    Watch watch{"test", gate, clock, events, 600s};

    template <typename Told>
    void hear(std::vector<Told>& list, const Told& what) {
        const std::lock_guard lock{mutex};
        list.push_back(what);
        told.notify_all();
    }
    template <typename Told>
    Told await(std::vector<Told>& list, std::size_t number = 1) {
        std::unique_lock lock{mutex};
        REQUIRE(told.wait_for(lock, 30s, [&] { return list.size() >= number; }));
        return list.at(number - 1);
    }
    std::string reason() const {
        const auto reasons = gate.reasons();
        return reasons.contains("test") ? reasons.at("test") : "";
    }
};

const Reading good{}, above{.strain = 3, .reason = "too much"};

}  // namespace

TEST_CASE("the gate is held until the first look has been good") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    CHECK(bench.reason() == "to hear from the oracle");
    script.say(good);
    script.await_look(2);
    CHECK_FALSE(bench.gate.is_held());
    CHECK(bench.began.empty());
}

TEST_CASE("the gate is held while there is a reason, which is told once") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    for (const auto& seen : {good, above, above}) script.say(seen);
    script.await_look(4);
    CHECK(bench.reason() == "too much");
    CHECK(bench.watch.strain() == 3);
    CHECK(bench.began == std::vector<std::string>{"too much"});
    script.say(good);
    script.await_look(5);
    CHECK_FALSE(bench.gate.is_held());
}

TEST_CASE("an answer that can't be had is a reason to wait") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(good);
    script.say(Error{ErrorKind::fatal, "the oracle is dumb"});
    script.await_look(3);
    CHECK(bench.reason() == "the oracle is dumb");
    CHECK(bench.watch.strain() > 1);
}

TEST_CASE("a look that does not come back holds the gate after two seconds, and says for how long") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(good);
    script.await_look(2);
    bench.clock.advance(2s);
    bench.watch.check_answer();
    CHECK_FALSE(bench.gate.is_held());
    bench.clock.advance(2s);
    bench.watch.check_answer();
    CHECK(bench.reason() == "no answer from the oracle for 4 s");
    script.say(good);
    script.await_look(3);
    CHECK_FALSE(bench.gate.is_held());
}

TEST_CASE("patience is three intervals, and no less than two seconds") {
    CHECK(throttle::longest_look(500ms) == 2s);
    CHECK(throttle::longest_look(1s) == 3s);
}

TEST_CASE("what the first look finds wrong with the job ends the run") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(Error{ErrorKind::usage, "no such oracle"});
    CHECK(bench.await(bench.errors).what() == std::string{"no such oracle"});
    CHECK(bench.gate.is_held());
}

TEST_CASE("what was good once and is wrong later only waits") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(good);
    script.say(Error{ErrorKind::usage, "no such oracle"});
    script.await_look(3);
    CHECK(bench.reason() == "no such oracle");
    CHECK(bench.errors.empty());
}

TEST_CASE("a throttle that is replaced is not waited for any more") {
    Script old_one, new_one;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(old_one));
    old_one.say(above);
    old_one.await_look(2);
    bench.watch.replace(std::make_unique<Scripted>(new_one));
    bench.watch.check_answer();  // breaks the look off that the old one is in
    new_one.say(good);
    new_one.await_look(2);
    CHECK_FALSE(bench.gate.is_held());
}

TEST_CASE("a throttle that is taken away lets go") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(above);
    script.await_look(2);
    CHECK(bench.gate.is_held());
    bench.watch.replace(nullptr);
    bench.watch.check_answer();
    std::unique_lock lock{bench.mutex};
    CHECK(bench.told.wait_for(lock, 30s, [&] { return !bench.gate.is_held(); }));
    CHECK(bench.watch.strain() == 0);
}

TEST_CASE("a replacement that is wrong is noted, and the old throttle stays") {
    Script old_one, wrong_one;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(old_one));
    old_one.say(good);
    old_one.await_look(2);
    bench.watch.replace(std::make_unique<Scripted>(wrong_one));
    bench.watch.check_answer();
    wrong_one.say(Error{ErrorKind::usage, "no such oracle"});
    CHECK(bench.await(bench.notes) == "no such oracle; what was set before stays");
    old_one.say(above);
    old_one.say(above);
    CHECK(bench.await(bench.began) == "too much");
    CHECK(bench.errors.empty());
}

TEST_CASE("a wrong first throttle of a run that had none is noted, and not waited for") {
    Script script, another;
    Bench bench;
    bench.watch.replace(std::make_unique<Scripted>(script));
    CHECK(bench.gate.is_held());
    script.say(Error{ErrorKind::usage, "no such oracle"});
    bench.await(bench.notes);
    bench.watch.replace(std::make_unique<Scripted>(another));
    another.await_look(1);
    CHECK_FALSE(bench.gate.is_held());
}

TEST_CASE("what is critical is told") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(Reading{.strain = 9, .reason = "much too much", .critical = "much too much, twice"});
    CHECK(bench.await(bench.criticals) == "much too much, twice");
}

TEST_CASE("the run's own server is waited for no longer than reconnect_for") {
    Script script;
    Bench bench;
    bench.watch.begin(std::make_unique<Scripted>(script));
    script.say(good);
    script.say(Error{ErrorKind::disconnected, "gone"});
    script.await_look(3);
    CHECK(bench.errors.empty());
    bench.clock.advance(600s);
    script.say(Error{ErrorKind::disconnected, "gone"});
    CHECK(bench.await(bench.errors).kind() == ErrorKind::unreachable);
}

TEST_CASE("the end of a watch breaks off the look that is under way") {
    Script script;
    {
        Bench bench;
        bench.watch.begin(std::make_unique<Scripted>(script));
        script.await_look(1);
    }
    CHECK(script.breaks() > 0);
}
