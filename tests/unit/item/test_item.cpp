#include <rowmill/error.hpp>
#include <rowmill/item.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace rowmill;

namespace {

Items three_books() {
    const auto shape = std::make_shared<const Shape>(
        Shape{{{"shop", ValueType::integer}, {"Id", ValueType::integer}, {"title", ValueType::text}}, 2});
    auto block = std::make_shared<Block>(shape);
    for (const char* id : {"1", "2", "3"}) {
        block->append("9");
        block->append(id);
        if (std::string{id} == "2") {
            block->append_null();
        } else {
            block->append("");
        }
    }
    return Items{block};
}

}  // namespace

TEST_CASE("a column is found by its name in any case") {
    const Items books = three_books();
    CHECK(books[2]["ID"].as_integer() == 3);
    CHECK(books.shape().find("TITLE") == 2);
    CHECK_FALSE(books.shape().find("titl"));
}

TEST_CASE("a column that was not asked for is an error that names those there are") {
    CHECK_THROWS_WITH(three_books()[0]["price"],
                      "the item has no column 'price'; it has shop, Id, title. Name it in the source's columns");
}

TEST_CASE("NULL and the empty string stay apart") {
    const Items books = three_books();
    CHECK(books[1]["title"].is_null());
    CHECK_FALSE(books[0]["title"].is_null());
    CHECK(books[0]["title"].text().empty());
}

TEST_CASE("an item's key is its leading columns") {
    CHECK(three_books()[1].key() == Key{Value::integer(9), Value::integer(2)});
}

TEST_CASE("a slice of a slice holds the same items") {
    const Items last = three_books().slice(1, 2).slice(1, 1);
    REQUIRE(last.size() == 1);
    CHECK(last[0]["id"].as_integer() == 3);
    CHECK(three_books().slice(3, 0).empty());
}

TEST_CASE("a slice beyond the end is refused") {
    CHECK_THROWS_AS(three_books().slice(2, 2), Error);
    CHECK_THROWS_AS(three_books().slice(4, 0), Error);
    CHECK_THROWS_AS(three_books().slice(1, static_cast<std::size_t>(-1)), Error);
}

TEST_CASE("items without a block are none") {
    CHECK(Items{}.empty());
    CHECK(Items{std::shared_ptr<const Block>{}}.empty());
}

TEST_CASE("each kind of error has a name of its own") {
    CHECK(name_of(ErrorKind::usage) == "usage");
    CHECK(name_of(ErrorKind::disk_full) == "disk full");
    CHECK(name_of(ErrorKind::internal) == "internal");
}
