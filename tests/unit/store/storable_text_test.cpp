#include "store/storable_text.hpp"

#include <doctest/doctest.h>

using rowmill::store::storable_text;

TEST_CASE("text that fits is stored as it is") {
    CHECK(storable_text("naïve 🎒", 100) == "naïve 🎒");
    CHECK(storable_text("12345", 5) == "12345");
    CHECK(storable_text("", 5).empty());
}

TEST_CASE("longer text is cut between characters and says so") {
    CHECK(storable_text("123456", 5) == "12…");
    CHECK(storable_text("éééé", 7) == "éé…");
    CHECK(storable_text("🎒🎒🎒", 11) == "🎒🎒…");
}

TEST_CASE("text at every limit stays within it") {
    const std::string text = "aé€🎒aé€🎒";
    for (std::size_t most = 3; most <= text.size(); ++most) {
        CAPTURE(most);
        CHECK(storable_text(text, most).size() <= most);
    }
    CHECK(storable_text(text, text.size()) == text);
}

TEST_CASE("bytes that are not UTF-8 are replaced, as a utf8mb4 column would refuse them") {
    CHECK(storable_text("a\xff"
                        "b",
                        100) ==
          "a\uFFFD"
          "b");
    CHECK(storable_text("\xC3", 100) == "\uFFFD");                      // cut short
    CHECK(storable_text("\xC0\x80", 100) == "\uFFFD\uFFFD");            // overlong
    CHECK(storable_text("\xED\xA0\x80", 100) == "\uFFFD\uFFFD\uFFFD");  // a surrogate
    CHECK(storable_text("\xF4\x90\x80\x80", 100) == "\uFFFD\uFFFD\uFFFD\uFFFD");
    CHECK(storable_text("\xE2\x82zebra", 100) == "\uFFFD\uFFFDzebra");
}
