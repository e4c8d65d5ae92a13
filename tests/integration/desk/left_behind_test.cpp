#include "office.hpp"

#include "action/handler.hpp"

#include <rowmill/job.hpp>

#include <future>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// A job whose handler does not return from the row 7 until it is told to, whatever is asked of it.
run::Request stuck(Town& town, std::shared_future<void> released, const std::string& timeout) {
    town.offer("stuck", "UPDATE t SET n = 1 WHERE id = :id");
    run::Request request = town.office->catalog->request("stuck", {});
    request.job.action = {};
    request.job.action.kind = "handler";
    request.job.run.concurrency = 4;
    request.job.run.max_attempts = 1;
    request.job.run.max_failures = {.number = 10};
    request.job.run.timeout = job::parse_duration(timeout, "timeout");
    request.handler = [released](const run::HandlerCall& call) {
        auto run = std::make_shared<action::HandlerRun>();
        run->run = call.run;
        run->log = call.log;
        return action::each_action(
            [released](const Item& item, Context&) {
                if (item.key().front().view().as_number() == 7) released.wait();
                return success();
            },
            run);
    };
    return request;
}

}  // namespace

TEST_CASE("a run is over when only calls are left whose time is up, and its thread ends when they do") {
    Town town;
    std::promise<void> release;
    const auto begun = town.office->runs.start(stuck(town, release.get_future().share(), "2s"));
    Watcher watcher{begun.channel};
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "succeeded");
    CHECK(watcher.last->dead_letters == 1);
    CHECK(eventually([&] { return town.office->runs.count() == 0; }));
    CHECK_FALSE(town.office->runs.works_on(*begun.run));
    CHECK(town.office->runs.has_left_behind());
    release.set_value();
    CHECK(eventually([&] { return !town.office->runs.has_left_behind(); }));
}

TEST_CASE("a cancelled run is over although a call does not return, and its watchers are told") {
    Town town;
    std::promise<void> release;
    const auto begun = town.office->runs.start(stuck(town, release.get_future().share(), "10m"));
    REQUIRE(eventually([&] { return town.desk().run(*begun.run)->settled == 59; }));
    Watcher watcher{begun.channel};
    town.desk().cancel(*begun.run);
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "cancelled");
    CHECK(eventually([&] { return town.office->runs.has_left_behind(); }));
    CHECK(town.office->runs.count() == 0);
    release.set_value();
    CHECK(eventually([&] { return !town.office->runs.has_left_behind(); }));
}

TEST_CASE("who begins runs may end while calls are left behind, which return into nothing") {
    std::promise<void> release, returned;
    {
        Town town;
        auto request = stuck(town, release.get_future().share(), "2s");
        // The last copy of the handler goes when the run's thread does.
        request.handler = [make = request.handler, told = std::shared_ptr<void>(nullptr, [&](void*) { returned.set_value(); })](
                              const run::HandlerCall& call) { return make(call); };
        const auto begun = town.office->runs.start(std::move(request));
        REQUIRE(eventually([&] { return town.office->runs.has_left_behind(); }));
        town.office.reset();
    }
    release.set_value();
    CHECK(returned.get_future().wait_for(std::chrono::seconds{30}) == std::future_status::ready);
}
