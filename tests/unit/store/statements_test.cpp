#include "store/statements.hpp"

#include "store/sql_template.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;
using namespace rowmill::store;

namespace {

Dialect dialect() {
    return {"`my schema`", [](std::string& sql, ValueView value) { sql += display(value); }};
}

std::string text_of(const SqlTemplate& statement) {
    std::string text;
    for (const auto& piece : statement.pieces) {
        if (piece.kind == SqlTemplate::Kind::placeholder) text += '<' + piece.text + '>';
        if (piece.kind == SqlTemplate::Kind::include) text += '{' + piece.text + '}';
        if (piece.kind == SqlTemplate::Kind::text) text += piece.text;
    }
    return text;
}

}  // namespace

TEST_CASE("statements are divided by semicolons, without comments and layout") {
    const auto statements = parse_sql("-- a; comment\nSELECT 1,\n    2; -- more\n ;SELECT {columns}\nWHERE a = :b ; ");
    REQUIRE(statements.size() == 2);
    CHECK(text_of(statements[0]) == "SELECT 1, 2");
    CHECK(text_of(statements[1]) == "SELECT {columns} WHERE a = <b>");
}

TEST_CASE("what looks like a placeholder inside quotes is text") {
    const auto statements = parse_sql("SELECT '%H:%i:s; -- x', `a:b`, ':c', :d");
    REQUIRE(statements.size() == 1);
    CHECK(text_of(statements[0]) == "SELECT '%H:%i:s; -- x', `a:b`, ':c', <d>");
}

TEST_CASE("a file of statements is cut at their names") {
    const auto blocks = named_blocks("-- about\n-- name: one\nSELECT 1;\n\n-- name: two\n-- why\nSELECT 2;\n");
    REQUIRE(blocks.size() == 2);
    CHECK(blocks[0].first == "one");
    CHECK(text_of(parse_sql(blocks[0].second).at(0)) == "SELECT 1");
    CHECK(blocks[1].first == "two");
    CHECK(text_of(parse_sql(blocks[1].second).at(0)) == "SELECT 2");
}

TEST_CASE("placeholders become values, numbers and lists, and the schema its quoted name") {
    CHECK(render("release_sack", dialect(), {{"sack", 7U}, {"fence", 3U}}) ==
          "UPDATE `my schema`.`sacks` SET `state` = 'pending', `worker_id` = NULL "
          "WHERE `id` = 7 AND `fence` = 3 AND `state` = 'running'");
    CHECK(render("return_sacks", dialect(), {{"ids", std::vector<std::uint64_t>{1, 22, 333}}})
              .ends_with("WHERE `id` IN (1, 22, 333)"));
    CHECK(render("renew_waiting", dialect(),
                 {{"lease", 5U},
                  {"ids", std::vector<std::uint64_t>{1}},
                  {"tokens", std::vector{Value::text("it's"), Value::text("b")}}})
              .ends_with("WHERE `id` IN (1) AND `token` IN ('it''s', 'b')"));
    CHECK(render("unfinished_run", dialect(), {{"identity", Value::text("it's")}}).ends_with("= 'it''s'"));
}

TEST_CASE("numbers are written whole, small fractions too") {
    CHECK(render("add_worked_seconds", dialect(), {{"run", ~std::uint64_t{0}}, {"seconds", 0.1}}) ==
          "UPDATE `my schema`.`runs` SET `worked_seconds` = `worked_seconds` + 0.1 WHERE `id` = 18446744073709551615");
}

TEST_CASE("a value that was not given is a fault, not an empty statement") {
    CHECK_THROWS_AS(render("release_sack", dialect(), {{"sack", 7U}}), Error);
    CHECK_THROWS_AS(render("no_such_statement", dialect()), Error);
}

TEST_CASE("every statement of the binary can be rendered with its placeholders") {
    const auto names = statement_names();
    CHECK(names.size() > 30);
    for (const auto name : names) {
        CAPTURE(name);
        for (const std::string& placeholder : placeholders(name)) CHECK_FALSE(placeholder.empty());
    }
    CHECK(placeholders("find_run") == std::vector<std::string>{"run"});
}

TEST_CASE("a checkpoint is conditional on the sack, its fence and its sequence number, and completes it only at its end") {
    std::vector<std::string> conditions{"sack", "fence", "seq"};
    const auto names = placeholders("checkpoint");
    CHECK(std::vector<std::string>(names.end() - 3, names.end()) == conditions);
    const auto last = placeholders("complete_sack");
    conditions.emplace_back("low");
    CHECK(std::vector<std::string>(last.end() - 4, last.end()) == conditions);
}
