#include "db/packet.hpp"

#include <doctest/doctest.h>

using namespace rowmill::db;

TEST_CASE("a comment at the end of a statement does not swallow the next one") {
    const std::vector<std::string_view> statements = {"DELETE FROM t -- all;", "COMMIT"};
    CHECK(join(statements) == "DELETE FROM t -- all\n;\nCOMMIT");
}

TEST_CASE("semicolons and blanks at a statement's end go") {
    CHECK(trimmed("SELECT 1 ; \n;") == "SELECT 1");
}

TEST_CASE("statements are cut into windows by number and by bytes") {
    const std::vector<std::string_view> statements(5, "12345678");
    const auto by_number = windows_of(statements, 2, 1000);
    REQUIRE(by_number.size() == 3);
    CHECK(by_number[2].first == 4);
    CHECK(by_number[2].count == 1);
    const auto by_bytes = windows_of(statements, 100, 34);
    REQUIRE(by_bytes.size() == 2);
    CHECK(by_bytes[0].count == 3);
}

TEST_CASE("a statement longer than a window travels alone") {
    const std::vector<std::string_view> statements = {"a", "a long statement", "b"};
    const auto windows = windows_of(statements, 100, 10);
    REQUIRE(windows.size() == 3);
    CHECK(windows[1].first == 1);
    CHECK(windows[1].count == 1);
}

TEST_CASE("CALL is told from what only begins like it") {
    CHECK(is_call("CALL p(1)"));
    CHECK(is_call(" /* why */ call`p`()"));
    CHECK(is_call("-- why\n  Call shop.p()"));
    CHECK_FALSE(is_call("CALLED"));
    CHECK_FALSE(is_call("SELECT 1 -- CALL p()"));
    CHECK_FALSE(is_call("CALL"));
    CHECK_FALSE(is_call("/* CALL p() "));
}
