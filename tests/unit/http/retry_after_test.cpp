#include "http/retry_after.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using std::chrono::seconds;
using std::chrono::system_clock;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT, the date that the RFC's examples have
const system_clock::time_point now = system_clock::from_time_t(784111777);

}  // namespace

TEST_CASE("Retry-After in seconds is that many seconds") {
    CHECK(http::parse_retry_after("120", now) == seconds{120});
}

TEST_CASE("Retry-After as a date is the time until then, in all three forms of a date") {
    CHECK(http::parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now) == seconds{30});
    CHECK(http::parse_retry_after("Sunday, 06-Nov-94 08:50:07 GMT", now) == seconds{30});
    CHECK(http::parse_retry_after("Sun Nov  6 08:50:07 1994", now) == seconds{30});
}

TEST_CASE("Retry-After is at most an hour") {
    CHECK(http::parse_retry_after("86400", now) == seconds{3600});
    CHECK(http::parse_retry_after("99999999999999999999999", now) == seconds{3600});
    CHECK(http::parse_retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now) == seconds{3600});
}

TEST_CASE("a Retry-After that is over already asks for nothing") {
    CHECK_FALSE(http::parse_retry_after("0", now));
    CHECK_FALSE(http::parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now));
}

TEST_CASE("a Retry-After that can't be read asks for nothing") {
    for (const char* header : {"", "soon", "-5", "1.5"}) {
        CAPTURE(header);
        CHECK_FALSE(http::parse_retry_after(header, now));
    }
}
