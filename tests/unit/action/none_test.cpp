#include "action/none.hpp"

#include <doctest/doctest.h>

using namespace rowmill;

TEST_CASE("the none action calls every item a success at once") {
    std::optional<engine::Reply::Answer> heard;
    engine::Batch batch;
    batch.count = 3;
    action::NoneAction action;
    action.start(batch, {}, engine::Reply{[&](engine::Reply::Answer answer) { heard = std::move(answer); }});
    REQUIRE(heard.has_value());
    const engine::BatchOutcome& outcome = std::get<engine::BatchOutcome>(*heard);
    CHECK(outcome.skipped == 0);
    CHECK(outcome.named.empty());
    CHECK_FALSE(outcome.counted.has_value());
}

TEST_CASE("the none action needs no thread of the pool") {
    CHECK(action::NoneAction{}.runs_on() == engine::Where::io);
}
