#include "handler_fixture.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace rowmill;
using namespace rowmill::test;

namespace {

Outcome outcome_of(EachFunction function, std::shared_ptr<action::HandlerRun> run = handler_run()) {
    Answered answered;
    action::each_action(std::move(function), std::move(run))->start(books(), {}, answered.reply());
    return answered.outcome();
}

engine::BatchOutcome outcomes_of(BatchFunction function, unsigned rows) {
    Answered answered;
    action::batch_action(std::move(function), handler_run())->start(books(rows), {}, answered.reply());
    return answered.wait();
}

struct Misprint : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace

TEST_CASE("a handler's outcome is the item's") {
    CHECK(outcome_of([](const Item&, Context&) { return success(); }) == success());
    CHECK(outcome_of([](const Item&, Context&) { return skip("sold out"); }) == skip("sold out"));
    CHECK(outcome_of([](const Item&, Context&) { return failure("torn", "paper"); }) == failure("torn", "paper"));
}

TEST_CASE("a handler sees its row") {
    CHECK(outcome_of([](const Item& book, Context&) { return skip(book["title"].as_string()); }).reason == "t1");
}

TEST_CASE("a handler that throws is a failure of its exception's class") {
    const Outcome outcome = outcome_of([](const Item&, Context&) -> Outcome { throw Misprint{"page 3"}; });
    CHECK(outcome.kind == Outcome::Kind::failure);
    CHECK(outcome.error_class.ends_with("Misprint"));
    CHECK(outcome.reason == "page 3");
}

TEST_CASE("an error of the server is known by its number") {
    const Outcome outcome = outcome_of([](const Item&, Context&) -> Outcome {
        Error error{ErrorKind::row, "Duplicate entry"};
        error.server_code = 1062;
        throw error;
    });
    CHECK(outcome.error_class == "1062");
}

TEST_CASE("a secret that a handler repeats is masked in its reason and class") {
    const auto run = handler_run();
    run->secrets = {"hunter2"};
    CHECK(outcome_of([](const Item&, Context&) { return failure("no hunter2", "hunter2?"); }, run) ==
          failure("no ***", "***?"));
    CHECK(outcome_of([](const Item&, Context&) { return skip("no hunter2"); }, run) == skip("no ***"));
    const auto throwing = [](const Item&, Context&) -> Outcome { throw Misprint{"no hunter2"}; };
    CHECK(outcome_of(throwing, run).reason == "no ***");
}

TEST_CASE("a statement that failed is not shown where it may hold a secret with escapes") {
    const auto run = handler_run();
    run->secrets = {"it's"};
    const auto failing = [](const Item&, Context&) -> Outcome {
        const std::string statement = R"(SELECT 'it\'s' FROM nowhere)";
        Error error{ErrorKind::row, "No table in: " + statement};
        error.statement = statement;
        throw error;
    };
    CHECK(outcome_of(failing, run).reason == "No table in: (a statement with a secret parameter)");
}

TEST_CASE("a deadlock that a handler's session met is tried again, whatever is said of exceptions") {
    const Outcome outcome = outcome_of([](const Item&, Context&) -> Outcome {
        throw Error{ErrorKind::replay, "Deadlock"};
    });
    CHECK(outcome.kind == Outcome::Kind::retry);
    CHECK(outcome.error_class == "replay");
}

TEST_CASE("a handler that throws no std::exception is a failure too") {
    const Outcome outcome = outcome_of([](const Item&, Context&) -> Outcome { throw 42; });
    CHECK(outcome.kind == Outcome::Kind::failure);
    CHECK(outcome.error_class == "int");
}

TEST_CASE("with retry_on_exception what throws is tried again") {
    const auto run = handler_run();
    run->retry_on_exception = true;
    const Outcome outcome = outcome_of([](const Item&, Context&) -> Outcome { throw Misprint{"page 3"}; }, run);
    CHECK(outcome.kind == Outcome::Kind::retry);
    CHECK(outcome.error_class.ends_with("Misprint"));
    CHECK_FALSE(outcome.delay.has_value());
}

TEST_CASE("a handler knows which attempt it is, and how the one before ended") {
    unsigned attempt = 0;
    std::string last_class;
    Answered answered;
    const auto action = action::each_action(
        [&](const Item&, Context& context) {
            attempt = context.attempt();
            last_class = context.last_class();
            return success();
        },
        handler_run());
    action->start(books(1, 3, "timeout"), {}, answered.reply());
    CHECK(attempt == 3);
    CHECK(last_class == "timeout");
}

TEST_CASE("a handler reads the run's parameters by their types") {
    const auto run = handler_run();
    run->params = {{"publisher_id", Value::integer(6)}, {"force", Value::integer(1)}, {"size", Value::text("small")}};
    outcome_of(
        [](const Item&, Context& context) {
            CHECK(context.param<std::int64_t>("publisher_id") == 6);
            CHECK(context.param<bool>("force"));
            CHECK(context.param<std::string>("size") == "small");
            CHECK_THROWS_AS(context.param("publisher"), Error);
            return success();
        },
        run);
}

TEST_CASE("a handler's log line begins with the item's key") {
    std::string logged;
    const auto run = handler_run();
    run->log = [&](const std::string& line) { logged = line; };
    outcome_of(
        [](const Item&, Context& context) {
            context.log("no cover");
            return success();
        },
        run);
    CHECK(logged == "key 1: no cover");
}

TEST_CASE("the log tells of each row that did not succeed, with its key and its attempt") {
    std::vector<std::string> logged;
    const auto run = handler_run();
    run->log = [&](const std::string& line) { logged.push_back(line); };
    const auto action = action::batch_action(
        [](const Items&, Context&) {
            return std::vector{success(), failure("torn"), retry("wet"), skip("sold")};
        },
        run);
    Answered answered;
    action->start(books(4, 2), {}, answered.reply());
    CHECK(logged == std::vector<std::string>{"key 2, attempt 2: torn", "key 3, attempt 2: wet"});
}

TEST_CASE("an item's token is the same at its next attempt, and its neighbour's is another") {
    std::vector<std::string> tokens;
    const auto action = action::batch_action(
        [&](const Items& books, Context& context) {
            for (const Item& book : books) tokens.push_back(context.token(book));
            return std::vector<Outcome>(books.size());
        },
        handler_run());
    for (const unsigned attempt : {1U, 2U}) {
        Answered answered;
        action->start(books(2, attempt), {}, answered.reply());
    }
    CHECK(tokens[0] == tokens[2]);
    CHECK(tokens[1] == tokens[3]);
    CHECK(tokens[0] != tokens[1]);
}

TEST_CASE("a handler of batches gives each row its own outcome") {
    const auto outcome = outcomes_of(
        [](const Items& books, Context&) {
            std::vector<Outcome> outcomes;
            for (const Item& book : books)
                outcomes.push_back(book["id"].as_integer() % 2 == 0 ? skip("even") : success());
            return outcomes;
        },
        4);
    REQUIRE(outcome.named.size() == 2);
    CHECK(outcome.named[0] == std::pair{1U, skip("even")});
    CHECK(outcome.named[1] == std::pair{3U, skip("even")});
}

TEST_CASE("a handler of batches that throws fails each of its rows") {
    CHECK(outcomes_of([](const Items&, Context&) -> std::vector<Outcome> { throw Misprint{"all"}; }, 3).named.size() ==
          3);
}

TEST_CASE("a handler that answers too few outcomes fails the whole batch") {
    const auto outcome = outcomes_of([](const Items&, Context&) { return std::vector<Outcome>(1); }, 3);
    REQUIRE(outcome.named.size() == 3);
    CHECK(outcome.named[0].second.reason.find("1 outcomes for 3 rows") != std::string::npos);
}

TEST_CASE("a handler is told when its time is up") {
    std::stop_source stop;
    Answered answered;
    const auto action = action::each_action(
        [&](const Item&, Context& context) {
            stop.request_stop();
            return context.stop_token().stop_requested() ? skip("told") : success();
        },
        handler_run());
    action->start(books(), {.stop = stop.get_token()}, answered.reply());
    CHECK(answered.outcome() == skip("told"));
}

TEST_CASE("a function blocks the thread that starts it, of which the pool has as many as are to be in flight") {
    CHECK(action::each_action([](const Item&, Context&) { return success(); }, handler_run())->runs_on() ==
          engine::Where::blocking);
}
