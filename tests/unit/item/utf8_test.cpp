#include "item/utf8.hpp"

#include <doctest/doctest.h>

using namespace rowmill;

TEST_CASE("characters of one to four bytes are UTF-8") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("a\x7fü€😀"));
    CHECK(utf8_character("😀x") == 4);
    CHECK(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST_CASE("overlong forms, surrogates, numbers beyond the last, and pieces are not UTF-8") {
    for (const char* text :
         {"\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3z", "\xe2\x82z"}) {
        CHECK_FALSE(is_utf8(text));
    }
}
