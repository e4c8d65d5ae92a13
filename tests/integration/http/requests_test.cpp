#include "support/http_server.hpp"
#include "web_action.hpp"
#include "web_client.hpp"

#include "action/http_request.hpp"

#include <boost/json.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using test::HttpServer;
using namespace std::string_literals;

namespace {

namespace json = boost::json;

struct Cells {
    std::optional<std::string> title;
    std::string amount = "12.50";
};

/// What a server got that was sent the request of this row.
class Echo {
public:
    json::value of(const job::ActionSpec& action, const Cells& cells) {
        const auto shape = std::make_shared<const Shape>(
            Shape{{{"id", ValueType::integer}, {"title", ValueType::text}, {"amount", ValueType::decimal}}, 1});
        Block block{shape};
        block.append("7");
        cells.title ? block.append(*cells.title) : block.append_null();
        block.append(cells.amount);
        const action::RequestTemplate request{action, {}};
        const Item item{block, 0};
        const job::Params none;
        const auto answer = test::ask(client_, request.render({item, none}, "token")).wait();
        return json::parse(std::get<http::Response>(answer).body);
    }
    std::string url(const std::string& path) const { return server_.url(path); }

private:
    HttpServer server_;
    http::Client client_{{}};
};

std::string text_of(const json::value& value, const char* name) {
    return std::string{value.at(name).as_string()};
}

/// Every byte that has done harm somewhere.
const std::vector<std::string> nasty = {
    "O'Brien \"the\" \\ writer",
    "line\nbreak\r\nX-Evil: 1",
    "../../etc/passwd",
    "; rm -rf / ; $(reboot) `reboot`",
    "a\0b"s,
    "{id} {{:x}}",
    "a&b=c?d#e%41+",
    "</title><!-- ]]>",
    "Größe 漢字 🙂",
    "\x7f\x1b[2J",
};

/// The server shows each byte of a body as one character.
std::string bytes_of(const std::string& shown) {
    std::string bytes;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto lead = static_cast<unsigned char>(shown[i]);
        bytes += lead < 0x80 ? shown[i] : static_cast<char>(((lead & 3) << 6) | (shown[++i] & 0x3F));
    }
    return bytes;
}

}  // namespace

TEST_CASE("nothing in a row can leave its place in a JSON body") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    action.body = R"({{"name":"x {title} y","whole":{title},"amount":{amount},"id":{id}}})";
    for (const std::string& title : nasty) {
        CAPTURE(title);
        const json::value got = echo.of(action, {.title = title});
        CHECK(text_of(got.at("headers"), "content-type") == "application/json");
        const json::value body = json::parse(bytes_of(text_of(got, "body")));
        CHECK(text_of(body, "name") == "x " + title + " y");
        CHECK(text_of(body, "whole") == title);
        CHECK(body.at("amount").as_double() == 12.5);
        CHECK(body.at("id").as_int64() == 7);
        CHECK(body.as_object().size() == 4);
    }
}

TEST_CASE("nothing in a row can leave its place in a URL") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo/{title}/end?q={title}"));
    for (const std::string& title : nasty) {
        CAPTURE(title);
        const std::string path = text_of(echo.of(action, {.title = title}), "path");
        CHECK(path.starts_with("/echo/"));
        CHECK(std::ranges::count(path, '/') == 3);
        CHECK(std::ranges::count(path, '?') == 1);
        CHECK(path.find_first_of("&#;\"'{} ") == std::string::npos);
        CHECK(path.find("/end?q=") != std::string::npos);
    }
}

TEST_CASE("a path is sent as the job has it, dots and all") {
    Echo echo;
    CHECK(text_of(echo.of(test::post_to(echo.url("/echo/a/../{id}")), {}), "path") == "/echo/a/../7");
}

TEST_CASE("nothing in a row can leave its place in a form") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    action.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
    action.body = "title={title}&id={id}";
    for (const std::string& title : nasty) {
        CAPTURE(title);
        const std::string body = text_of(echo.of(action, {.title = title}), "body");
        CHECK(std::ranges::count(body, '&') == 1);
        CHECK(std::ranges::count(body, '=') == 2);
        CHECK(body.ends_with("&id=7"));
    }
}

TEST_CASE("another body is sent byte by byte") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    action.headers = {{"Content-Type", "text/plain"}};
    action.body = "{title}";
    for (const std::string& title : nasty) {
        CAPTURE(title);
        CHECK(bytes_of(text_of(echo.of(action, {.title = title}), "body")) == title);
    }
}

TEST_CASE("a header holds what a row has, quotes included, and an empty one is sent too") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    action.headers = {{"X-Title", "<{title}>"}, {"X-Empty", ""}};
    const json::value headers = echo.of(action, {.title = R"(O'Brien; "x", y)"}).at("headers");
    CHECK(text_of(headers, "x-title") == R"(<O'Brien; "x", y>)");
    CHECK(text_of(headers, "x-empty").empty());
}

TEST_CASE("a request names rowmill and its key, and the job may say otherwise") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    const json::value ours = echo.of(action, {}).at("headers");
    CHECK(text_of(ours, "user-agent").starts_with("rowmill/"));
    CHECK(text_of(ours, "idempotency-key") == "token");
    action.headers = {{"user-agent", "shop"}, {"idempotency-key", "order-{id}"}};
    const json::value theirs = echo.of(action, {}).at("headers");
    CHECK(text_of(theirs, "user-agent") == "shop");
    CHECK(text_of(theirs, "idempotency-key") == "order-7");
}

TEST_CASE("each method is sent as itself, with a body where it may have one") {
    Echo echo;
    job::ActionSpec action = test::post_to(echo.url("/echo"));
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        CAPTURE(method);
        action.method = method;
        action.body = action.method == "GET" ? "" : R"({{"id":{id}}})";
        const json::value got = echo.of(action, {});
        CHECK(text_of(got, "method") == method);
        CHECK(text_of(got, "body") == (action.method == "GET" ? "" : R"({"id":7})"));
    }
}

TEST_CASE("a POST without a body says that it has none, and HEAD is answered without one") {
    Echo echo;
    const json::value headers = echo.of(test::post_to(echo.url("/echo")), {}).at("headers");
    CHECK(text_of(headers, "content-length") == "0");
    CHECK_FALSE(headers.as_object().contains("content-type"));
    job::ActionSpec head = test::post_to(echo.url("/echo"));
    head.method = "HEAD";
    test::WebAction action{head};
    CHECK(action.outcome() == success());
}

TEST_CASE("a row that can't stand where its template is fails as such, unsent") {
    const HttpServer server;
    job::ActionSpec header = test::post_to(server.url("/ok"));
    header.headers = {{"X-Title", "{title}"}};
    for (const auto& title : std::vector<std::optional<std::string>>{"a\r\nX-Evil: 1", "a\nb", "a\0b"s, std::nullopt}) {
        test::WebAction action{header};
        CHECK(action.outcome({.title = title}).kind == Outcome::Kind::failure);
        CHECK(action.outcome({.title = title}).error_class == "template");
    }
    for (const auto& title : std::vector<std::optional<std::string>>{"", ".", "..", std::nullopt}) {
        test::WebAction action{test::post_to(server.url("/ok/{title}"))};
        CHECK(action.outcome({.title = title}).error_class == "template");
    }
    CHECK(server.counts().requests == 0);
}
