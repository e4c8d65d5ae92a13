#include "http/origin.hpp"
#include "http/percent.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::string_literals;

TEST_CASE("all but unreserved characters are percent-encoded") {
    CHECK(http::percent_encoded("azAZ09-._~") == "azAZ09-._~");
    CHECK(http::percent_encoded("/?#[]@!$&'()*") == "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A");
    CHECK(http::percent_encoded("+,;=:% \"") == "%2B%2C%3B%3D%3A%25%20%22");
    CHECK(http::percent_encoded("\0\r\n"s) == "%00%0D%0A");
    CHECK(http::percent_encoded("ü") == "%C3%BC");
}

TEST_CASE("an origin is scheme, host and port, without who asks") {
    CHECK(http::origin_of("https://shop.example/orders?x=1") == "https://shop.example:443");
    CHECK(http::origin_of("http://user:secret@shop.example:8080") == "http://shop.example:8080");
    CHECK(http::origin_of("http://[::1]:8080/") == "http://[::1]:8080");
}

TEST_CASE("what is not an http or https URL is refused") {
    for (const char* url :
         {"", "ftp://shop.example/", "file:///etc/passwd", "http://", "http://a b/", "https://shop.example:port/"}) {
        CAPTURE(url);
        CHECK_THROWS_AS(http::origin_of(url), Error);
    }
}
