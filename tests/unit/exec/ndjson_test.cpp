#include "action/ndjson.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using action::NdjsonAnswer;
using action::parse_answer;

namespace {

/// One row of one column.
std::string line_with(ValueType type, std::string_view text) {
    auto shape = std::make_shared<Shape>();
    shape->columns = {{"v", type}};
    Block block{shape};
    if (type == ValueType::null)
        block.append_null();
    else
        block.append(text);
    return action::request_line(7, 2, "abc", {block, 0});
}

std::string value_of(ValueType type, std::string_view text) {
    const std::string line = line_with(type, text);
    const std::string before = R"({"id":7,"attempt":2,"token":"abc","item":{"v":)";
    REQUIRE(line.starts_with(before));
    REQUIRE(line.ends_with("}}\n"));
    return line.substr(before.size(), line.size() - before.size() - 3);
}

NdjsonAnswer good(std::string_view line) {
    const auto answer = parse_answer(line);
    if (const auto* wrong = std::get_if<std::string>(&answer)) FAIL(*wrong);
    return std::get<NdjsonAnswer>(answer);
}

std::string wrong(std::string_view line) {
    const auto answer = parse_answer(line);
    return std::holds_alternative<std::string>(answer) ? std::get<std::string>(answer) : "";
}

}  // namespace

TEST_CASE("integers are numbers, NULL is null, and everything else is a string") {
    CHECK(value_of(ValueType::integer, "-42") == "-42");
    CHECK(value_of(ValueType::unsigned_integer, "18446744073709551615") == "18446744073709551615");
    CHECK(value_of(ValueType::null, "") == "null");
    CHECK(value_of(ValueType::decimal, "9.10") == "\"9.10\"");
    CHECK(value_of(ValueType::number, "1e30") == "\"1e30\"");
    CHECK(value_of(ValueType::datetime, "2024-02-29 12:00:00") == "\"2024-02-29 12:00:00\"");
    CHECK(value_of(ValueType::text, "") == "\"\"");
}

TEST_CASE("what a row holds stays inside of its string") {
    CHECK(value_of(ValueType::text, "a\"\\\n}{\r") == R"("a\"\\\n}{\r")");
    CHECK(value_of(ValueType::text, std::string_view{"a\0b", 3}) == "\"a\\u0000b\"");
    CHECK(value_of(ValueType::text, "Ü😀") == "\"Ü😀\"");
}

TEST_CASE("bytes that are UTF-8 stand as they are, others in base64") {
    CHECK(value_of(ValueType::bytes, "abc") == "\"abc\"");
    CHECK(value_of(ValueType::bytes, "\xff") == "\"/w==\"");
    CHECK(value_of(ValueType::bytes, "\xff\xfe") == "\"//4=\"");
    CHECK(value_of(ValueType::bytes, "\xff\xfe\xfd") == "\"//79\"");
    CHECK(value_of(ValueType::bytes, "\x80zzz") == "\"gHp6eg==\"");
}

TEST_CASE("the columns of a row stand by their names") {
    auto shape = std::make_shared<Shape>();
    shape->columns = {{"id", ValueType::integer}, {"ti\"tle", ValueType::text}};
    Block block{shape};
    block.append("1");
    block.append("Emma");
    CHECK(action::request_line(1, 1, "t", {block, 0}) ==
          "{\"id\":1,\"attempt\":1,\"token\":\"t\",\"item\":{\"id\":1,\"ti\\\"tle\":\"Emma\"}}\n");
}

TEST_CASE("each outcome can be answered") {
    CHECK(good(R"({"id":7,"outcome":"success"})").id == 7);
    CHECK(good(R"({"id":7,"outcome":"success"})").outcome == success());
    CHECK(good(R"({"outcome":"skip","reason":"gone","id":1})").outcome == skip("gone"));
    CHECK(good(R"({"id":1,"outcome":"failure","reason":"bad"})").outcome == failure("bad", "failure"));
    CHECK(good(R"({"id":1,"outcome":"failure","reason":"bad","class":"missing"})").outcome ==
          failure("bad", "missing"));
    CHECK(good(R"({"id":1,"outcome":"retry","reason":"busy"})").outcome.error_class == "retry");
    CHECK_FALSE(good(R"({"id":1,"outcome":"retry"})").outcome.delay.has_value());
    CHECK(good(R"({"id":1,"outcome":"retry","delay_ms":1500})").outcome.delay == std::chrono::milliseconds{1500});
    CHECK(good(R"({"id":1,"outcome":"success","more":[1],"reason":null})").outcome == success());
    CHECK(good(" {\"id\":1.0,\"outcome\":\"success\"}\r").id == 1);
}

TEST_CASE("what is wrong with a line is said") {
    CHECK(wrong("") == "it is no JSON");
    CHECK(wrong("Loading model...") == "it is no JSON");
    CHECK(wrong(R"({"id":1,"outcome":"success"} x)") == "it is no JSON");
    CHECK(wrong("7") == "it is no JSON object");
    CHECK(wrong("[]") == "it is no JSON object");
    CHECK(wrong(R"({"outcome":"success"})").find("\"id\"") != std::string::npos);
    for (const char* id : {"\"7\"", "-1", "1.5", "null", "{}"})
        CHECK(wrong(std::string{R"({"outcome":"success","id":)"} + id + "}").find("\"id\"") != std::string::npos);
    CHECK(wrong(R"({"id":1})").find("\"outcome\"") != std::string::npos);
    CHECK(wrong(R"({"id":1,"outcome":"ok"})").find("\"outcome\"") != std::string::npos);
    CHECK(wrong(R"({"id":1,"outcome":7})").find("\"outcome\"") != std::string::npos);
    CHECK(wrong(R"({"id":1,"outcome":"failure","reason":7})").find("\"reason\"") != std::string::npos);
    for (const char* delay : {"-1", "\"1\"", "0.5", "1e300", "2592000001"})
        CHECK(wrong(std::string{R"({"id":1,"outcome":"retry","delay_ms":)"} + delay + "}").find("delay_ms") !=
              std::string::npos);
}

TEST_CASE("a line that is nested without end is wrong, and no more") {
    CHECK(wrong(std::string(100'000, '[')) == "it is no JSON");
}
