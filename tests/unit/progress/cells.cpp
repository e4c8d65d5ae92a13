#include "progress/cells.hpp"

#include <doctest/doctest.h>

using namespace rowmill::progress;

TEST_CASE("a wide character takes two cells and a combining mark none") {
    CHECK(cells_of("abc") == 3);
    CHECK(cells_of("日本") == 4);
    CHECK(cells_of("🚚") == 2);
    CHECK(cells_of("e\u0301") == 1);
    CHECK(cells_of("é…·█▕") == 5);
}

TEST_CASE("text is cut between characters, never beyond the cells there are") {
    CHECK(fit_cells("abcdef", 6) == "abcdef");
    CHECK(fit_cells("abcdef", 4) == "abc…");
    CHECK(fit_cells("日本語", 5) == "日本…");
    CHECK(fit_cells("日本語", 4) == "日…");
    CHECK(fit_cells("abc", 1) == "…");
    CHECK(fit_cells("abc", 0).empty());
}

TEST_CASE("escape sequences and other controls lose their power") {
    CHECK(harmless("a\x1b[2Jb") == "a\uFFFD[2Jb");
    CHECK(harmless("a\rb\nc\td") == "a b c d");
    CHECK(harmless("\x7f\a") == "\uFFFD\uFFFD");
    CHECK(harmless("\u009b2J") == "\uFFFD2J");
    CHECK(harmless("safe\u202Etxt") == "safe\uFFFDtxt");
    CHECK(harmless(std::string_view{"a\0b", 3}) == "a\uFFFDb");
}

TEST_CASE("bytes that are not UTF-8 are replaced, one by one") {
    CHECK(harmless("caf\xe9!") == "caf\uFFFD!");
    CHECK(valid_utf8("\xc0\xaf") == "\uFFFD\uFFFD");
    CHECK(valid_utf8("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
    CHECK(valid_utf8("\xe2\x82") == "\uFFFD\uFFFD");
}

TEST_CASE("valid text of any width is left as it is") {
    CHECK(harmless("Café · 日本 👩‍🚀") == "Café · 日本 👩‍🚀");
    CHECK(valid_utf8("a\nb\x1b") == "a\nb\x1b");
}
