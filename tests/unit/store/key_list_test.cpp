#include "store/key_list.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;

namespace {

ErrorKind kind_of_reading(std::string_view stored) {
    try {
        store::decode_keys(stored);
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("a list of keys survives whatever bytes they hold") {
    const std::vector<Key> keys{{Value::integer(-7), Value::text("a:1,'\\")},
                                {Value::bytes(std::string{"\0\xff,3:", 5})},
                                {Value::text("")},
                                {Value::text("🎒")}};
    CHECK(store::decode_keys(store::encode_keys(keys)) == keys);
}

TEST_CASE("no keys are stored as nothing") {
    CHECK(store::encode_keys({}).empty());
    CHECK(store::decode_keys("").empty());
}

TEST_CASE("a damaged list of keys is refused and never taken for an empty one") {
    const std::vector<Key> keys{{Value::integer(1)}, {Value::integer(2)}};
    const std::string stored = store::encode_keys(keys);
    for (std::size_t length = 1; length < stored.size(); ++length) {
        if (length == stored.size() / 2) continue;  // the first key alone is a list too
        CAPTURE(length);
        CHECK(kind_of_reading(stored.substr(0, length)) == ErrorKind::refused);
    }
    CHECK(kind_of_reading("x") == ErrorKind::refused);
    CHECK(kind_of_reading("99999999999999999999:") == ErrorKind::refused);
    CHECK(kind_of_reading("18446744073709551615:,") == ErrorKind::refused);
}
