#include "job/item_template.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace rowmill;
using job::ItemTemplate;
using test::refusal;
using Names = std::vector<std::string>;

namespace {

/// One row of (id, title, note).
Items row(std::string_view id, std::string_view title) {
    const auto shape = std::make_shared<const Shape>(
        Shape{{{"id", ValueType::integer}, {"title", ValueType::text}, {"note", ValueType::text}}, 1});
    const auto block = std::make_shared<Block>(shape);
    block->append(id);
    block->append(title);
    block->append_null();
    return Items{block};
}

std::string as_it_is(ValueView value) {
    return value.as_string();
}

std::string rendered(std::string_view text, const Items& items, const job::Params& params = {}) {
    return ItemTemplate::parse(text, "action.url").render(items[0], params, as_it_is);
}

std::string fault_of(std::string_view text) {
    return refusal([text] { ItemTemplate::parse(text, "job.toml:7:3: action.url"); });
}

}  // namespace

TEST_CASE("a template is filled from the row and from the run's parameters") {
    const Items items = row("7", "Café");
    CHECK(rendered("/books/{id}?t={title}&shop={:shop}", items, {{"shop", Value::integer(3)}}) ==
          "/books/7?t=Café&shop=3");
    CHECK(rendered("{id}{id}", items) == "77");
    CHECK(rendered("no names", items) == "no names");
    CHECK(rendered("", items).empty());
}

TEST_CASE("a template tells the columns and the parameters that it names, each once") {
    const auto parsed = ItemTemplate::parse("{b} {:p} {a} {b} {:q} {:p} {größe}", "action.body");
    CHECK(parsed.columns() == Names{"b", "a", "größe"});
    CHECK(parsed.params() == Names{"p", "q"});
}

TEST_CASE("a doubled brace is a brace") {
    const Items items = row("7", "x");
    CHECK(rendered("{{\"id\":{id}}}", items) == "{\"id\":7}");
    CHECK(rendered("{{id}}", items) == "{id}");
    CHECK(rendered("{{{id}}}", items) == "{7}");
    CHECK(rendered("{{}}", items) == "{}");
    CHECK(ItemTemplate::parse("{{id}}", "action.body").columns().empty());
}

TEST_CASE("what a row holds is never read as a template") {
    CHECK(rendered("<{title}>", row("7", "{id} {{ } {:shop}")) == "<{id} {{ } {:shop}>");
}

TEST_CASE("each value is escaped for where it stands, and the template's own text is not") {
    const auto quoted = [](ValueView value) { return value.is_null() ? "NULL" : "'" + value.as_string() + "'"; };
    const Items items = row("7", "a b");
    CHECK(ItemTemplate::parse("'{title}' {note} {:none}", "action.body").render(items[0], {}, quoted) ==
          "''a b'' NULL NULL");
}

TEST_CASE("a value that can't stand where its template is ends the rendering") {
    const auto strict = [](ValueView value) -> std::string {
        if (value.is_null()) throw Error{ErrorKind::row, "note is NULL"};
        return value.as_string();
    };
    const Items items = row("7", "x");
    const auto parsed = ItemTemplate::parse("{id}-{note}", "action.url");
    CHECK(refusal([&] { parsed.render(items[0], {}, strict); }, ErrorKind::row) == "note is NULL");
}

TEST_CASE("braces that don't match are refused with how a brace is written") {
    const std::string place = "job.toml:7:3: action.url ";
    const std::string unclosed = place + "has a { without its }; a brace itself is written twice: {{";
    for (const char* text : {"{", "{id", "a {id", "{id{title}}", "{{{"}) {
        CAPTURE(text);
        CHECK(fault_of(text) == unclosed);
    }
    for (const char* text : {"}", "id}", "{id}}", "}}}"}) {
        CAPTURE(text);
        CHECK(fault_of(text) == place + "has a } without its {; a brace itself is written twice: }}");
    }
}

TEST_CASE("what can't be a name is refused as it is written") {
    for (const char* name : {"", ":", " id", "id ", "\"id\"", "a.b", "a b", "::p", "a-b", "`id`", "id:int"}) {
        CAPTURE(name);
        const std::string fault = fault_of("{" + std::string{name} + "}");
        CHECK(test::contains(fault, "has {" + std::string{name} + "}, which is neither a {column} nor a {:parameter}"));
    }
}

TEST_CASE("a row without the column that a template names is told of") {
    const Items items = row("7", "x");
    CHECK(test::contains(refusal([&] { rendered("{publisher}", items); }), "publisher"));
}

TEST_CASE("any text can be made a template that stands for it") {
    const Items items = row("7", "x");
    for (const char* text : {"{id}", "}{", "{{}}", "plain", ""}) {
        CAPTURE(text);
        CHECK(rendered(job::as_template(text), items) == text);
    }
}
