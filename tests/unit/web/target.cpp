#include "web/target.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using web::read_form;
using web::read_target;

TEST_CASE("a path is decoded, and its query with it") {
    const auto target = read_target("/jobs/na%20me%25?a=1&b=two+words&b=last&c=%C3%A4&d");
    REQUIRE(target);
    CHECK(target->path == "/jobs/na me%");
    CHECK(target->query == std::map<std::string, std::string>{{"a", "1"}, {"b", "last"}, {"c", "ä"}, {"d", ""}});
}

TEST_CASE("a path that could mean another one to somebody is none") {
    for (const char* path :
         {"", "x", "http://127.0.0.1/", "*", "//", "//x", "/a//b", "/..", "/a/../b", "/a/..", "/.", "/./a", "/%2e%2e/etc/passwd", "/%2E./x",
          "/.%2e", "/a%2fb", "/a%2Fb", "/a\\b", "/a%5cb", "/a%00", "/a%0d%0ab", "/%7f", "/%", "/%2", "/%zz", "/a\tb", "/%ff", "/%c0%ae%c0%ae"}) {
        CAPTURE(path);
        CHECK_FALSE(read_target(path));
    }
}

TEST_CASE("a name that only looks like a way out is a name") {
    for (const char* path : {"/...", "/..a", "/a..", "/%252e%252e", "/.a", "/"}) {
        CAPTURE(path);
        CHECK(read_target(path));
    }
    CHECK(read_target("/%252e%252e")->path == "/%2e%2e");
}

TEST_CASE("a form is decoded, and what is no escape in it stands for itself") {
    CHECK(read_form("a=b%3D%26+c&d=100%&=x&e=%e4&&f") ==
          std::map<std::string, std::string, std::less<>>{{"a", "b=& c"}, {"d", "100%"}, {"", "x"}, {"e", "\xe4"}, {"f", ""}});
    CHECK(read_form("").empty());
}

TEST_CASE("an encoded path is read back as it was") {
    for (const char* path : {"/jobs/a b%?&#ä", "/", "/runs/7/progress"}) CHECK(read_target(web::encoded_path(path))->path == path);
}
