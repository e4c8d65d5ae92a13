#include "action/http_outcome.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using Kind = Outcome::Kind;

namespace {

const auto now = std::chrono::system_clock::from_time_t(784111777);

Outcome outcome_of_status(int status, const std::string& retry_after = {}) {
    return action::outcome_of(http::Response{status, retry_after, {}, {}}, now);
}

}  // namespace

TEST_CASE("2xx is a success") {
    for (const int status : {200, 201, 202, 204, 299}) CHECK(outcome_of_status(status) == success());
}

TEST_CASE("408, 425, 429 and 5xx are worth another attempt") {
    for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) {
        CAPTURE(status);
        const Outcome outcome = outcome_of_status(status);
        CHECK(outcome.kind == Kind::retry);
        CHECK(outcome.error_class == "http " + std::to_string(status));
        CHECK_FALSE(outcome.delay);
    }
}

TEST_CASE("any other status is a failure, whatever its Retry-After says") {
    for (const int status : {301, 304, 400, 401, 404, 409, 410, 422, 600}) {
        CAPTURE(status);
        const Outcome outcome = outcome_of_status(status, "5");
        CHECK(outcome.kind == Kind::failure);
        CHECK(outcome.error_class == "http " + std::to_string(status));
    }
}

TEST_CASE("Retry-After delays the next attempt, and one of no time at all leaves it to the backoff") {
    CHECK(outcome_of_status(503, "5").delay == std::chrono::seconds{5});
    CHECK(outcome_of_status(429, "Sun, 06 Nov 1994 08:50:07 GMT").delay == std::chrono::seconds{30});
    CHECK_FALSE(outcome_of_status(429, "0").delay);
}

TEST_CASE("that no whole answer came is worth another attempt, and an answer without end is not") {
    using Fault = http::Fault;
    for (const auto kind : {Fault::Kind::connect, Fault::Kind::tls, Fault::Kind::cut, Fault::Kind::network}) {
        const auto outcome = std::get<Outcome>(action::outcome_of(Fault{kind, "why"}, "http://shop:80"));
        CHECK(outcome.kind == Kind::retry);
        CHECK(outcome.error_class == name_of(kind));
    }
    const auto endless = std::get<Outcome>(action::outcome_of(Fault{Fault::Kind::too_long, "why"}, "http://shop:80"));
    CHECK(endless == failure("why", "too long"));
}

TEST_CASE("the first line of a body is the first that says something, short and without control characters") {
    CHECK(action::first_line("\r\n  no such order \t\r\nat line 7") == "no such order");
    CHECK(action::first_line(" \n ").empty());
    CHECK(action::first_line("a\x1b[2Jb") == "a [2Jb");
    CHECK(action::first_line(std::string(200, 'x')) == std::string(200, 'x'));
    CHECK(action::first_line(std::string(201, 'x')) == std::string(200, 'x') + "…");
    CHECK(action::first_line(std::string(199, 'x') + "üü") == std::string(199, 'x') + "…");
}
