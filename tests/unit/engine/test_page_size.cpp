#include "engine/page_size.hpp"

#include <doctest/doctest.h>

using namespace rowmill::engine;
using namespace std::chrono_literals;

namespace {

/// Pages of items that take so long each, one after another.
void hand_out(PageSize& page, int pages, std::chrono::microseconds an_item, std::uint64_t call_items = 1) {
    for (int i = 0; i < pages; ++i) {
        const std::uint64_t items = page.size(call_items);
        page.handed_out(items, an_item * static_cast<std::int64_t>(items));
    }
}

}  // namespace

TEST_CASE("a page of slow items is what goes in a quarter of a second") {
    PageSize page{1000};
    hand_out(page, 20, 5ms);
    CHECK(page.size(1) == 50);
    hand_out(page, 20, 100ms);
    CHECK(page.size(1) == 2);
}

TEST_CASE("the first page is small, and pages double while they go at once") {
    PageSize page{1000};
    CHECK(page.size(1) == 16);
    hand_out(page, 1, 0us);
    CHECK(page.size(1) == 32);
    hand_out(page, 20, 0us);
    CHECK(page.size(1) == 1000);
}

TEST_CASE("a page that took hours halves the next one, and a single item is always read") {
    PageSize page{1000};
    hand_out(page, 20, 0us);
    page.handed_out(1000, 3h);
    CHECK(page.size(1) == 500);
    hand_out(page, 20, 1h);
    CHECK(page.size(1) == 1);
}

TEST_CASE("a page that was not full makes the next one no smaller for having gone fast") {
    PageSize page{1000};
    hand_out(page, 4, 0us);
    const std::uint64_t before = page.size(1);
    page.handed_out(1, 1us);
    CHECK(page.size(1) == before);
}

TEST_CASE("pages hold whole calls, and never less than one") {
    PageSize page{1000};
    CHECK(page.size(500) == 500);
    hand_out(page, 20, 0us, 300);
    CHECK(page.size(300) == 900);
    hand_out(page, 20, 1s, 300);
    CHECK(page.size(300) == 300);
}
