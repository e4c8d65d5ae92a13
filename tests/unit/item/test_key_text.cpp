#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace rowmill;
using namespace std::string_literals;

namespace {

using Types = std::vector<ValueType>;

Types types_of(const Key& key) {
    Types types;
    for (const Value& part : key) types.push_back(part.type());
    return types;
}

/// The sentence that refuses the text; empty where it is read.
std::string refusal(std::string_view text, const Types& types) {
    try {
        parse_key(text, types);
        return {};
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.what();
    }
}

std::string every_byte() {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    return bytes;
}

}  // namespace

TEST_CASE("a key of every type is read back as display wrote it, alone and among others") {
    for (const Value& value : {Value::integer(-42),
                               Value::unsigned_integer(~std::uint64_t{0}),
                               Value{ValueType::unsigned_integer, "0000042"},
                               Value{ValueType::decimal, "-1.50"},
                               Value{ValueType::number, "1e-5"},
                               Value::text("plain"),
                               Value::text(""),
                               Value::text("O'Brien, (7) \\ \"[x]\" 🎒"),
                               Value::text("'"),
                               Value::text("''\\'"),
                               Value::text(" blanks "),
                               Value::text("NULL"),
                               Value::text("\n\t\r\x01\x7f"),
                               Value::text("\\n"),
                               Value::text("0xff"),
                               Value::bytes(""),
                               Value::bytes(every_byte()),
                               Value{ValueType::date, "2024-02-29"},
                               Value{ValueType::datetime, "2024-02-29 01:02:03.000004"},
                               Value{ValueType::timestamp, "2024-03-31 01:00:00"},
                               Value{ValueType::time, "-838:59:59"},
                               Value{ValueType::uuid, "123e4567-e89b-12d3-a456-426655440000"},
                               Value{ValueType::inet, "::1"}}) {
        const Key alone{value};
        CAPTURE(display(alone));
        CHECK(parse_key(display(alone), types_of(alone)) == alone);
        CHECK(parse_key("(" + display(alone) + ")", types_of(alone)) == alone);
        const Key among{Value::integer(7), value, value, Value::text("end")};
        CHECK(parse_key(display(among), types_of(among)) == among);
    }
}

TEST_CASE("a text of any bytes but zero is read back") {
    std::string bytes = every_byte().substr(1);
    CHECK(parse_key(display(Key{Value::text(bytes)}), {ValueType::text}) == Key{Value::text(bytes)});
    bytes.insert(5, 1, '\0');
    CHECK(parse_key(display(Key{Value::text(bytes)}), {ValueType::text}) == Key{Value::text(bytes)});
}

TEST_CASE("NULL is read whatever the type") {
    CHECK(parse_key("NULL", {ValueType::integer}) == Key{Value{}});
    CHECK(parse_key("(NULL, 'NULL')", {ValueType::text, ValueType::text}) == Key{Value{}, Value::text("NULL")});
    CHECK(parse_key("[null, \"NULL\"]", {ValueType::text, ValueType::text}) == Key{Value{}, Value::text("NULL")});
}

TEST_CASE("a key is read as JSON writes it, with its numbers as strings or not") {
    const Types types{ValueType::integer, ValueType::text, ValueType::bytes};
    const Key key{Value::integer(7), Value::text("O'Brien \"🎒\"\n"), Value::bytes("\0\xff"s)};
    CHECK(parse_key(R"(["7","O'Brien \"🎒\"\n","0x00ff"])", types) == key);
    CHECK(parse_key(R"( [ 7 , "O'Brien \"\ud83c\udf92\"\n" , "0x00FF" ] )", types) == key);
    CHECK(parse_key("[18446744073709551615]", {ValueType::unsigned_integer}) ==
          Key{Value::unsigned_integer(~std::uint64_t{0})});
}

TEST_CASE("the quotes around the one part of a key may be left out") {
    CHECK(parse_key("2024-02-29", {ValueType::date}) == Key{Value{ValueType::date, "2024-02-29"}});
    CHECK(parse_key(" O'Brien ", {ValueType::text}) == Key{Value::text("O'Brien")});
    CHECK(parse_key("(7,'x' )", {ValueType::integer, ValueType::text}) == Key{Value::integer(7), Value::text("x")});
}

TEST_CASE("what cannot be read is refused with what was expected") {
    const Types pair{ValueType::integer, ValueType::text};
    CHECK(refusal("7", pair).find("it has one part. It is to be (integer, text)") != std::string::npos);
    CHECK(refusal("(7)", pair).find("it has 1 part.") != std::string::npos);
    CHECK(refusal("[\"7\"]", pair).find("it has 1 part.") != std::string::npos);
    CHECK(refusal("(7, 'x', 8)", pair).find("too many parts") != std::string::npos);
    CHECK(refusal("(7, x)", pair).find("not in single quotes") != std::string::npos);
    CHECK(refusal("(7, 'x", pair).find("last quote is missing") != std::string::npos);
    CHECK(refusal("(x, 'x')", pair).find("'x' is not of type integer") != std::string::npos);
    CHECK(refusal("abc", {ValueType::integer}).find("the key 'abc' can't be read") != std::string::npos);
    CHECK(refusal("'a' b", {ValueType::text}).find("something follows") != std::string::npos);
    CHECK(refusal("'a\\q'", {ValueType::text}).find("after a backslash") != std::string::npos);
    CHECK(refusal("00ff", {ValueType::bytes}).find("0x00ff") != std::string::npos);
    CHECK(refusal("[1.5]", {ValueType::decimal}).find("only strings, integers and null") != std::string::npos);
}

TEST_CASE("garbage is refused, never read as another key") {
    for (const char* garbage : {"",
                                " ",
                                "(",
                                ")",
                                "()",
                                "(7",
                                "(7,",
                                "(7,)",
                                "(7,'x'",
                                "(7,'x'))",
                                "(7 'x')",
                                "(,'x')",
                                "[",
                                "[]",
                                "[7,\"x\"",
                                "[7,\"x\"]]",
                                "[[7],\"x\"]",
                                "[true,\"x\"]",
                                "(7, 'x\\",
                                "(7, 'x\\x4')",
                                "(7, 'x\\x4g')",
                                "(7, 'x'y)",
                                "(0x07, 'x')",
                                "(7; 'x')"}) {
        CAPTURE(garbage);
        CHECK_FALSE(refusal(garbage, {ValueType::integer, ValueType::text}).empty());
    }
    for (const char* garbage : {"", "0x0", "0x0g", "0xff ff", "x", "'0xff"}) {
        CAPTURE(garbage);
        CHECK_FALSE(refusal(garbage, {ValueType::bytes}).empty());
    }
}
