#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace rowmill;
using namespace std::string_literals;

namespace {

bool is_refused(std::string_view stored) {
    try {
        decode_key(stored);
        return false;
    } catch (const Error& error) {
        return error.kind() == ErrorKind::refused;
    }
}

const Key composite{Value::integer(-7), Value::text("O'Brien, 3:4:5,"), Value::bytes("\0\xff,\0"s), Value{}};

}  // namespace

TEST_CASE("a stored key is type, length in bytes and text of each part") {
    CHECK(encode_key({Value::integer(42)}) == "integer:2:42,");
    CHECK(encode_key({Value::unsigned_integer(18446744073709551615U), Value::text("é")}) ==
          "unsigned:20:18446744073709551615,text:2:é,");
}

TEST_CASE("the empty key is the empty string") {
    CHECK(encode_key({}).empty());
    CHECK(decode_key("").empty());
}

TEST_CASE("a key of any bytes comes back as it was stored") {
    CHECK(decode_key(encode_key(composite)) == composite);
    CHECK(decode_key("text:0:,") == Key{Value::text("")});
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    CHECK(decode_key(encode_key({Value::bytes(every_byte)})) == Key{Value::bytes(every_byte)});
}

TEST_CASE("every type of value survives being stored") {
    for (const auto& [type, text] : {std::pair{ValueType::decimal, "-1.50"},
                                     {ValueType::number, "1e-5"},
                                     {ValueType::date, "2024-02-29"},
                                     {ValueType::datetime, "2024-02-29 01:02:03.000004"},
                                     {ValueType::timestamp, "2024-03-31 01:00:00"},
                                     {ValueType::time, "-838:59:59"},
                                     {ValueType::uuid, "123e4567-e89b-12d3-a456-426655440000"},
                                     {ValueType::inet, "::1"}}) {
        const Key key{Value{type, text}};
        CHECK(decode_key(encode_key(key)) == key);
    }
}

TEST_CASE("every truncation of a stored key is refused or falls on a part's end") {
    const std::string stored = encode_key(composite);
    std::size_t readable = 0;
    for (std::size_t length = 0; length < stored.size(); ++length) {
        if (!is_refused(std::string_view{stored}.substr(0, length))) ++readable;
    }
    CHECK(readable == composite.size());  // nothing, one, two and three parts
}

TEST_CASE("text that encode_key did not write is refused, never taken for no key") {
    for (const char* garbage : {" ",
                                ",",
                                ":",
                                "::",
                                "42",
                                "integer",
                                "integer:2:42",
                                "integer:2:421,",
                                "integer:1:42,",
                                "integer:02:42,",
                                "integer:-2:42,",
                                "integer:+2:42,",
                                "integer: 2:42,",
                                "integer::,",
                                "integer:2:4x,",
                                "integer:0:,",
                                "integer:99999999999999999999:4,",
                                "integer:18446744073709551615:4,",
                                "Integer:2:42,",
                                "enum:1:a,",
                                "null:1:x,",
                                "decimal:5:1 or1,",
                                "text:1:a,x",
                                "integer:2:42,\n"}) {
        CAPTURE(garbage);
        CHECK(is_refused(garbage));
    }
}
