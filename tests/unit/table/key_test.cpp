#include "quoting.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::table;

namespace {

Description books() {
    Description table;
    table.schema = "shop";
    table.name = "books";
    table.engine = "InnoDB";
    table.columns = {test::column("id", ValueType::integer), test::column("title", ValueType::text, "varchar"),
                     test::column("weight", ValueType::number, "double"), test::column("isbn", ValueType::integer)};
    table.columns[3].nullable = true;
    table.indexes = {{"PRIMARY", true, true, true, {{"id"}}},
                     {"by_title", true, true, true, {{"title"}, {"id"}}},
                     {"by_weight", true, true, true, {{"weight"}}},
                     {"by_isbn", true, true, true, {{"isbn"}}},
                     {"mixed", true, true, true, {{"title", false, true}, {"id", false, false}}},
                     {"hashed", true, false, true, {{"id"}}},
                     {"expression", true, true, true, {{""}}},
                     {"plain", false, true, true, {{"id"}}}};
    return table;
}

std::string refusal_of(const std::string& index) {
    try {
        choose_key(books(), index);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::refused);
        return error.what();
    }
    return "(not refused)";
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the primary key is the key unless another index is named, in any case of letters") {
    CHECK(choose_key(books(), "").index == "PRIMARY");
    CHECK(choose_key(books(), "").is_single_integer());
    CHECK(choose_key(books(), "BY_TITLE").columns.size() == 2);
    CHECK_FALSE(choose_key(books(), "by_title").is_single_integer());
}

TEST_CASE("a refusal names what is wrong") {
    CHECK(says(refusal_of("by_weight"), "column weight is double"));
    CHECK(says(refusal_of("by_isbn"), "column isbn may be NULL"));
    CHECK(says(refusal_of("mixed"), "column id runs against column title"));
    CHECK(says(refusal_of("hashed"), "hash index"));
    CHECK(says(refusal_of("expression"), "expression"));
    CHECK(says(refusal_of("plain"), "not unique"));
    CHECK(says(refusal_of("nothing"), "has no index nothing"));
}

TEST_CASE("a refusal names the indexes that would do") {
    CHECK(says(refusal_of("plain"), "the primary key (id), by_title (title, id)"));
    CHECK_FALSE(says(refusal_of("plain"), "by_isbn"));
}

TEST_CASE("the shape has the key's columns first, and each column once") {
    const Shape shape = shape_of(books(), choose_key(books(), "by_title"), {"isbn", "ID", "weight", "isbn"});
    REQUIRE(shape.columns.size() == 4);
    CHECK(shape.key_columns == 2);
    CHECK(shape.columns[0].name == "title");
    CHECK(shape.columns[1].name == "id");
    CHECK(shape.columns[2].name == "isbn");
    CHECK(shape.columns[3].type == ValueType::number);
}

TEST_CASE("an unknown column is a usage error that suggests a near one") {
    try {
        shape_of(books(), choose_key(books(), ""), {"titel"});
        FAIL("did not throw");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        CHECK(says(error.what(), "title"));
    }
}

TEST_CASE("the fingerprint changes with the key's index, types and collations") {
    const Description table = books();
    const auto before = fingerprint(table, choose_key(table, "by_title"));
    CHECK(before.at("key") == "by_title (title, id)");
    CHECK(before.at("collation of title") == "utf8mb4_general_ci");
    CHECK(fingerprint(table, choose_key(table, "")) != before);
    Description changed = table;
    changed.columns[1].collation = "utf8mb4_bin";
    CHECK(fingerprint(changed, choose_key(changed, "by_title")) != before);
    changed = table;
    changed.columns[0].column_type = "bigint";
    CHECK(fingerprint(changed, choose_key(changed, "by_title")) != before);
    changed = table;
    changed.columns[3].column_type = "bigint";
    CHECK(fingerprint(changed, choose_key(changed, "by_title")) == before);
}
