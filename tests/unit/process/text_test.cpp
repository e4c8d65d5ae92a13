#include "process/lines.hpp"
#include "process/printable.hpp"
#include "process/tail.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill::process;

namespace {

struct Taken {
    std::vector<std::string> whole, begun;
    Lines::Take take() {
        return [this](std::string_view line, bool is_whole) { (is_whole ? whole : begun).emplace_back(line); };
    }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a stream is cut into the same lines wherever its pieces end") {
    const std::string text = "one\n\nthree\nfour";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        Taken taken;
        Lines lines{100, taken.take()};
        for (std::size_t at = 0; at < text.size(); at += size) lines.append(std::string_view{text}.substr(at, size));
        CHECK(taken.whole == Texts{"one", "", "three"});
        lines.finish();
        CHECK(taken.whole.back() == "four");
    }
}

TEST_CASE("of a line longer than the limit the beginning is taken, once, and the next line is whole") {
    Taken taken;
    Lines lines{4, taken.take()};
    lines.append("abcd\nabcdefgh");
    lines.append("ijkl\nnext\n");
    CHECK(taken.begun == Texts{"abcd"});
    CHECK(taken.whole == Texts{"abcd", "next"});
}

TEST_CASE("a stream that ends with a line's end has no more") {
    Taken taken;
    Lines lines{100, taken.take()};
    lines.append("one\n");
    lines.finish();
    CHECK(taken.whole == Texts{"one"});
}

TEST_CASE("a tail holds the last bytes, whatever the pieces") {
    std::string text;
    for (int number = 0; number < 100; ++number) text += std::to_string(number);
    for (std::size_t size = 1; size < 60; ++size) {
        Tail tail{20};
        for (std::size_t at = 0; at < text.size(); at += size) tail.append(std::string_view{text}.substr(at, size));
        CHECK(tail.text() == text.substr(text.size() - 20));
    }
    Tail tail{20};
    tail.append("short");
    CHECK(tail.text() == "short");
}

TEST_CASE("the last line is the last that says something") {
    CHECK(last_line("one\ntwo\n") == "two");
    CHECK(last_line("one\r\n  two \r\n\n \n") == "two");
    CHECK(last_line("bar: 10%\rbar: 100%") == "bar: 100%");
    CHECK(last_line("one") == "one");
    CHECK(last_line(" \n\n").empty());
    CHECK(last_line("").empty());
}

TEST_CASE("what is printable holds no control characters and is UTF-8") {
    CHECK(printable("a\x1b[31mred\x7f\tü", 100) == "a?[31mred? ü");
    CHECK(printable("a\xff\xc3", 100) == "a??");
    CHECK(printable("ääää", 5) == "ää…");
    CHECK(printable("12345", 5) == "12345");
}
