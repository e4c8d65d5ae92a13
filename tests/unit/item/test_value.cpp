#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

using namespace rowmill;
using namespace std::string_literals;

TEST_CASE("integers are read to the edges of 64 bits and no further") {
    CHECK(Value::integer(std::numeric_limits<std::int64_t>::min()).view().as_integer() ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(ValueView{ValueType::unsigned_integer, "18446744073709551615"}.as_unsigned() == 18446744073709551615U);
    CHECK_THROWS_AS(ValueView(ValueType::integer, "9223372036854775808").as_integer(), Error);
    CHECK_THROWS_AS(ValueView(ValueType::integer, "-1").as_unsigned(), Error);
}

TEST_CASE("an empty text, NULL and trailing garbage are no integers") {
    for (const char* text : {"", " 1", "1 ", "1.0", "abc"}) {
        CHECK_THROWS_AS(ValueView(ValueType::text, text).as_integer(), Error);
    }
    CHECK_THROWS_WITH(ValueView().as_integer(), "NULL is not a signed 64-bit integer");
}

TEST_CASE("a number may have a fraction and an exponent") {
    CHECK(ValueView{ValueType::number, "-1.5e3"}.as_number() == -1500.0);
    CHECK_THROWS_AS(ValueView(ValueType::text, "1,5").as_number(), Error);
}

TEST_CASE("NULL, 0 and the empty string are false") {
    CHECK_FALSE(ValueView{}.as_boolean());
    CHECK_FALSE(ValueView(ValueType::integer, "0").as_boolean());
    CHECK_FALSE(ValueView(ValueType::text, "").as_boolean());
    CHECK(ValueView(ValueType::integer, "1").as_boolean());
}

TEST_CASE("values of the same text and another type differ") {
    CHECK(Value::text("1") != Value::integer(1));
    CHECK(Value::text("1") == Value::text("1"));
}

TEST_CASE("a key is shown as SQL would write it") {
    CHECK(display(Key{Value::integer(42)}) == "42");
    CHECK(display(Key{Value::integer(7), Value::text("O'Brien"), Value::bytes("\0\xff"s)}) ==
          "(7, 'O''Brien', 0x00ff)");
    CHECK(display(Key{Value{}}) == "NULL");
    CHECK(display(Key{}) == "()");
    CHECK(display(Key{Value{ValueType::date, "2024-02-29"}}) == "'2024-02-29'");
}

TEST_CASE("a key that is shown cannot drive the terminal") {
    CHECK(display(Key{Value::text("\x1b[2J\n\\é")}) == "'\\x1b[2J\\n\\\\é'");
}
