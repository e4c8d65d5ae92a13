#include "web/message.hpp"

#include "web/wire.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using web::Request;

TEST_CASE("a cookie is found among others, in whichever header") {
    Request request;
    request.headers = {{"cookie", "a=1; session=x=y ;b=2"}, {"cookie", "c=3"}};
    CHECK(request.cookie("session") == "x=y");
    CHECK(request.cookie("c") == "3");
    CHECK_FALSE(request.cookie("sess"));
    CHECK_FALSE(request.cookie("d"));
}

TEST_CASE("only a body that says to be a form is one") {
    Request request;
    request.body = "a=1";
    CHECK(request.form().empty());
    request.headers = {{"content-type", "text/plain"}};
    CHECK(request.form().empty());
    request.headers = {{"content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}};
    CHECK(request.form().at("a") == "1");
}

TEST_CASE("a header's value cannot end its line") {
    web::Response response;
    response.headers.emplace_back("Location", "/a\r\nSet-Cookie: b=c\n\x01");
    const std::string head = web::head_of(response, web::Framing::length, true, 0);
    CHECK(head == "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nLocation: /a  Set-Cookie: b=c  \r\nContent-Length: 0\r\n"
                  "Connection: keep-alive\r\n\r\n");
}

TEST_CASE("an answer without a body does not say how long it is") {
    web::Response response;
    response.status = 304;
    CHECK(web::head_of(response, web::Framing::length, false, 0).find("Content-Length") == std::string::npos);
}
