#include "db/literal.hpp"

#include "db/session.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using db::Backslash;

namespace {

std::string literal(ValueType type, std::string_view text, Backslash backslash = Backslash::escapes) {
    std::string sql;
    db::append_literal(sql, {type, text}, backslash);
    return sql;
}

}  // namespace

TEST_CASE("integers and numbers stand bare") {
    CHECK(literal(ValueType::integer, "-42") == "-42");
    CHECK(literal(ValueType::unsigned_integer, "18446744073709551615") == "18446744073709551615");
    CHECK(literal(ValueType::decimal, "-0.10") == "-0.10");
    CHECK(literal(ValueType::number, "1.5e-300") == "1.5e-300");
}

TEST_CASE("what claims to be a number and is none is quoted") {
    CHECK(literal(ValueType::integer, "1 OR 1=1") == "'1 OR 1=1'");
    CHECK(literal(ValueType::integer, "") == "''");
    CHECK(literal(ValueType::integer, "-") == "'-'");
    CHECK(literal(ValueType::integer, "1.5") == "'1.5'");
    CHECK(literal(ValueType::decimal, "1e5") == "'1e5'");
    CHECK(literal(ValueType::decimal, ".") == "'.'");
    CHECK(literal(ValueType::number, "nan") == "'nan'");
    CHECK(literal(ValueType::number, "1e") == "'1e'");
}

TEST_CASE("text is escaped where backslashes escape") {
    CHECK(literal(ValueType::text, std::string_view{"O'B\\r\0\n\x1a", 8}) == "'O\\'B\\\\r\\0\\n\\Z'");
}

TEST_CASE("text doubles its quotes where a backslash is a character") {
    CHECK(literal(ValueType::text, "O'B\\n", Backslash::is_a_character) == "'O''B\\n'");
}

TEST_CASE("bytes are hexadecimal, and none are the empty string") {
    CHECK(literal(ValueType::bytes, std::string_view{"\0'\xff", 3}) == "x'0027ff'");
    CHECK(literal(ValueType::bytes, "") == "''");
}

TEST_CASE("times, dates, uuids and addresses are quoted") {
    CHECK(literal(ValueType::date, "2024-02-29") == "'2024-02-29'");
    CHECK(literal(ValueType::time, "-838:59:59") == "'-838:59:59'");
    CHECK(literal(ValueType::uuid, "123e4567-e89b-12d3-a456-426655440000") == "'123e4567-e89b-12d3-a456-426655440000'");
    CHECK(literal(ValueType::inet, "::1") == "'::1'");
}

TEST_CASE("NULL is the word") {
    std::string sql;
    db::append_literal(sql, {}, Backslash::escapes);
    CHECK(sql == "NULL");
}

TEST_CASE("a backtick in a name is doubled") {
    CHECK(db::quote_name("od`d") == "`od``d`");
    CHECK(db::quote_name("shop", "in`voices") == "`shop`.`in``voices`");
}
