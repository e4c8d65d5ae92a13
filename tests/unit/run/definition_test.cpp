#include "run/definition.hpp"

#include <doctest/doctest.h>

using namespace rowmill::run;

TEST_CASE("what a run was begun with reads back as it was written: of a file, of a table, of a program") {
    const Definition file{.program = {}, .file = "/jobs/jöb \"1\".toml", .table = {}, .where = {}, .sql = {},
                          .params = {{"b", "2=3"}, {"a", ""}}, .overrides = {{"rate", "5"}}};
    const Definition table{.program = {}, .file = {}, .table = "t", .where = "a = :a", .sql = "DELETE", .params = {{"a", "x"}}};
    const Definition program{.program = "shop: previews", .file = {}, .table = {}, .where = {}, .sql = {}, .params = {{"a", "x"}, {"b", "y"}}};
    for (const Definition& definition : {file, table, program}) {
        const auto read = decode_definition(encode(definition));
        REQUIRE(read);
        CHECK(read->program == definition.program);
        CHECK(read->file == definition.file);
        CHECK(read->table == definition.table);
        CHECK(read->where == definition.where);
        CHECK(read->sql == definition.sql);
        CHECK(read->params == definition.params);
        CHECK(read->overrides == definition.overrides);
    }
}

TEST_CASE("definitions are written as earlier versions wrote them") {
    CHECK(encode({.program = {}, .file = "/j.toml", .table = {}, .where = {}, .sql = {}, .params = {{"a", "1"}}, .overrides = {{"rate", "5"}}}) ==
          R"({"file":"/j.toml","params":["a=1"],"overrides":{"rate":"5"}})");
    CHECK(encode({.program = "p", .file = {}, .table = {}, .where = {}, .sql = {}, .params = {{"a", "1"}}}) ==
          R"({"program":"p","values":{"a":"1"},"overrides":{}})");
}

TEST_CASE("what names no job is no definition, and texts of another kind are left out") {
    for (const char* text : {"", "null", "[]", "{}", "{\"file\":7}", "no JSON", R"({"params":["a=1"]})"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_definition(text));
    }
    const auto read = decode_definition(R"({"table":"t","params":[1,"a=1",null],"overrides":{"rate":5,"batch":"6"}})");
    REQUIRE(read);
    CHECK(read->params.size() == 1);
    CHECK(read->overrides.size() == 1);
}
