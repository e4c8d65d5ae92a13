#include "action/outside.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using Names = std::vector<std::string>;

TEST_CASE("the columns that a command's arguments and variables name are read, each once whatever its case") {
    job::ActionSpec action;
    action.command = {"resize", "{id}.png", "{Size}x{size}"};
    action.env = {{"TITLE", "{title}: {{no_column}} {:parameter}"}};
    CHECK(action::columns_of_templates(action) == Names{"id", "Size", "title"});
}

TEST_CASE("the columns that a request names are read") {
    job::ActionSpec action;
    action.url = "https://shop.example/{id}";
    action.headers = {{"X-Shop", "{shop}"}};
    action.body = R"({{"id": {id}, "note": "{note}"}})";
    CHECK(action::columns_of_templates(action) == Names{"id", "shop", "note"});
}

TEST_CASE("an action without templates needs no columns") {
    CHECK(action::columns_of_templates({}).empty());
}
