#include "action/http_request.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;

namespace {

job::ActionSpec spec(const std::string& url = "https://shop.example/hook") {
    job::ActionSpec action;
    action.url = url;
    return action;
}

/// The sentence with which the action is refused; empty where it is not.
std::string refusal(const job::ActionSpec& action) {
    try {
        const action::RequestTemplate request{action, {}};
        return {};
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.what();
    }
}

std::string refusal_of_body(const std::string& body) {
    job::ActionSpec action = spec();
    action.body = body;
    return refusal(action);
}

using Title = std::optional<std::string>;

http::Request rendered(const job::ActionSpec& action, const Title& title, ValueType type = ValueType::text) {
    Block block{std::make_shared<const Shape>(Shape{{{"id", ValueType::integer}, {"title", type}}, 1})};
    block.append("7");
    title ? block.append(*title) : block.append_null();
    const job::Params none;
    const Item item{block, 0};
    return action::RequestTemplate{action, {}}.render({item, none}, "token");
}

std::string body_of(const std::string& body, const Title& title, ValueType type = ValueType::text,
                    const std::string& media_type = "application/json") {
    job::ActionSpec action = spec();
    action.body = body;
    action.headers = {{"Content-Type", media_type}};
    return rendered(action, title, type).body;
}

}  // namespace

TEST_CASE("a URL's scheme and host can't come from a row, a parameter, or a trick") {
    for (const char* url : {"{title}", "{title}://shop.example/", "https://{title}/", "https://shop.example{title}",
                            "https://{title}@shop.example/", "https://shop.example:{id}/",
                            "https://user:{title}@shop.example/", "//shop.example/{id}"}) {
        CAPTURE(url);
        CHECK(refusal(spec(url)).starts_with("action.url "));
    }
    CHECK(refusal(spec("https://user:pass@shop.example:8443/{id}?q={title}#x")).empty());
    CHECK(refusal(spec("https://shop.example?q={title}")).empty());
}

TEST_CASE("a URL that is none is refused, and not shown, as it may hold a password") {
    CHECK(refusal(spec("ftp://shop.example/")) == "action.url must begin with http:// or https://");
    const std::string sentence = refusal(spec("https://user:hunter2@shop example/"));
    CHECK(sentence.starts_with("action.url "));
    CHECK(sentence.find("hunter2") == std::string::npos);
    CHECK_FALSE(refusal(spec("")).empty());
}

TEST_CASE("a parameter that the job does not have is refused") {
    CHECK(refusal(spec("https://shop.example/{:shop}")).find("{:shop}") != std::string::npos);
}

TEST_CASE("a value that would make a segment of the path empty or dots is refused, and within a segment it is not") {
    for (const std::string title : {"", ".", ".."}) {
        CAPTURE(title);
        CHECK_THROWS_AS(rendered(spec("https://shop.example/{title}"), title), Error);
        CHECK_THROWS_AS(rendered(spec("https://shop.example/{title}/x"), title), Error);
        CHECK_THROWS_AS(rendered(spec("https://shop.example/{title}?q=1"), title), Error);
        CHECK(rendered(spec("https://shop.example/a{title}"), title).url == "https://shop.example/a" + title);
        CHECK(rendered(spec("https://shop.example/?q={title}"), title).url == "https://shop.example/?q=" + title);
    }
    CHECK_THROWS_AS(rendered(spec("https://shop.example/.{title}/"), "."), Error);
    CHECK_THROWS_AS(rendered(spec("https://shop.example/{title}"), std::nullopt), Error);
}

TEST_CASE("a JSON body takes NULL as null, numbers as they are and anything else as a string") {
    CHECK(body_of(R"([{title},{id}])", std::nullopt) == "[null,7]");
    CHECK(body_of(R"({title})", "007") == "\"007\"");
    CHECK(body_of(R"({title})", "-0.50", ValueType::decimal) == "-0.50");
    CHECK(body_of(R"({title})", "1e-7", ValueType::number) == "1e-7");
    CHECK(body_of(R"({title})", "2024-02-29", ValueType::date) == "\"2024-02-29\"");
    CHECK(body_of(R"({{"a\"b":"{title}"}})", "\"") == R"({"a\"b":"\""})");
    CHECK(body_of(R"(["{title}"])", std::nullopt) == R"([""])");
}

TEST_CASE("what JSON can't hold is the row's fault") {
    CHECK_THROWS_AS(body_of(R"(["{title}"])", "\xff"), Error);
    CHECK_THROWS_AS(body_of(R"([{title}])", "\xc0\xaf", ValueType::bytes), Error);
    CHECK_THROWS_AS(body_of(R"([{title}])", "007", ValueType::unsigned_integer), Error);
}

TEST_CASE("media types that end in json are JSON, and lines of JSON are escaped alike") {
    CHECK(body_of(R"(["{title}"])", "\"", ValueType::text, "application/problem+JSON; charset=utf-8") == R"(["\""])");
    CHECK(body_of("{{}}\n[\"{title}\",{title}]\n", "\n", ValueType::text, "application/x-ndjson") ==
          "{}\n[\"\\n\",\"\\n\"]\n");
}

TEST_CASE("an XML body is escaped for text and attributes, and takes no control characters") {
    CHECK(body_of("<t a='{title}'/>", "<&>\"'", ValueType::text, "text/xml") == "<t a='&lt;&amp;&gt;&quot;&#39;'/>");
    CHECK_THROWS_AS(body_of("<t>{title}</t>", std::string(1, '\0'), ValueType::text, "application/soap+xml"), Error);
}

TEST_CASE("a body that ought to be JSON and is not is refused before the first row") {
    CHECK(refusal_of_body(R"({{"name":{title},}})").starts_with("action.body is not JSON"));
    CHECK(refusal_of_body(R"({{"name":"{title}}})").starts_with("action.body is not JSON"));
    CHECK(refusal_of_body(R"({{"name":"{title}"}})").empty());
}

TEST_CASE("methods that rowmill does not know, and bodies where there can be none, are refused") {
    job::ActionSpec action = spec();
    action.method = "TRACE";
    CHECK(refusal(action).starts_with("action.method "));
    action.method = "GET";
    action.body = "1";
    CHECK(refusal(action).starts_with("action.body "));
}

TEST_CASE("headers that break the request's frame are refused") {
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Content-Length", "3"},
                                                                                      {"transfer-encoding", "chunked"},
                                                                                      {"X Y", "1"},
                                                                                      {"X:Y", "1"},
                                                                                      {"", "1"},
                                                                                      {"X", "a\r\nY: 1"}}) {
        CAPTURE(name);
        job::ActionSpec action = spec();
        action.headers = {{name, value}};
        CHECK(refusal(action).starts_with("action.headers"));
    }
}

TEST_CASE("a Content-Type can't come from a row, as it says how the body is escaped") {
    job::ActionSpec action = spec();
    action.headers = {{"Content-Type", "{title}"}};
    action.body = "x";
    CHECK(refusal(action).starts_with("action.headers.Content-Type "));
}
