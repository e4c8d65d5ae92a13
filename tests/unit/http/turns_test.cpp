#include "http/turns.hpp"

#include <doctest/doctest.h>

using rowmill::http::Turns;

TEST_CASE("as many begin as a host may have, the next when one has left") {
    Turns turns{2, 100};
    CHECK(turns.enter(1, "a"));
    CHECK(turns.enter(2, "a"));
    CHECK_FALSE(turns.enter(3, "a"));
    CHECK_FALSE(turns.next());
    turns.leave("a");
    CHECK(turns.next() == 3);
    CHECK_FALSE(turns.next());
}

TEST_CASE("a full host does not hold another's requests back") {
    Turns turns{1, 2};
    CHECK(turns.enter(1, "a"));
    CHECK_FALSE(turns.enter(2, "a"));
    CHECK(turns.enter(3, "b"));
    CHECK_FALSE(turns.enter(4, "b"));
    turns.leave("b");
    CHECK(turns.next() == 4);
}

TEST_CASE("no more begin than all hosts may have together") {
    Turns turns{5, 2};
    CHECK(turns.enter(1, "a"));
    CHECK(turns.enter(2, "b"));
    CHECK_FALSE(turns.enter(3, "c"));
    CHECK_FALSE(turns.next());
    turns.leave("a");
    CHECK(turns.next() == 3);
}

TEST_CASE("who waits no more is passed over") {
    Turns turns{1, 10};
    CHECK(turns.enter(1, "a"));
    CHECK_FALSE(turns.enter(2, "a"));
    CHECK_FALSE(turns.enter(3, "a"));
    turns.forget(2);
    turns.leave("a");
    CHECK(turns.next() == 3);
}
