#include "quoting.hpp"
#include "table/comparison.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::table;
using test::column;
using test::integers;
using test::key_of;

namespace {

using Seeks = std::vector<Seek>;

const KeySpec one = key_of({column("a", ValueType::integer)});
const KeySpec three =
    key_of({column("a", ValueType::integer), column("b", ValueType::integer), column("c", ValueType::integer)});
const KeySpec text_and_number = key_of({column("t", ValueType::text, "varchar"), column("n", ValueType::integer)});

Seeks seeks_of(const KeySpec& key, Key after, Key upto, bool descending = false) {
    return seeks(key, {std::move(after), std::move(upto), descending}, test::plain_quote);
}

std::string joined(const Seeks& parts) {
    std::string text;
    for (const auto& part : parts) text += part.condition + "\n";
    return text;
}

}  // namespace

TEST_CASE("a range of one column is one interval") {
    CHECK(joined(seeks_of(one, integers({1}), integers({9}))) == "`a` > 1 AND `a` <= 9\n");
    CHECK(joined(seeks_of(one, {}, integers({9}))) == "`a` <= 9\n");
    CHECK(joined(seeks_of(one, integers({1}), {})) == "`a` > 1\n");
    CHECK(joined(seeks_of(one, integers({9}), integers({1}), true)) == "`a` < 9 AND `a` >= 1\n");
}

TEST_CASE("a range without bounds is one seek without a condition") {
    CHECK(joined(seeks_of(three, {}, {})) == "\n");
    CHECK(range_condition(three, {}, test::plain_quote) == "(1 = 1)");
}

TEST_CASE("a range that ends where it begins holds nothing") {
    CHECK(seeks_of(three, integers({1, 2, 3}), integers({1, 2, 3})).empty());
    CHECK(range_condition(one, {integers({1}), integers({1})}, test::plain_quote) == "(1 = 0)");
}

TEST_CASE("an open range of three columns is a seek for each prefix, in reading order") {
    CHECK(joined(seeks_of(three, integers({1, 2, 3}), {})) ==
          "`a` = 1 AND `b` = 2 AND `c` > 3\n`a` = 1 AND `b` > 2\n`a` > 1\n");
    CHECK(joined(seeks_of(three, {}, integers({1, 2, 3}))) ==
          "`a` < 1\n`a` = 1 AND `b` < 2\n`a` = 1 AND `b` = 2 AND `c` <= 3\n");
}

TEST_CASE("a range between two keys descends the lower prefix, crosses the middle and climbs the upper prefix") {
    CHECK(joined(seeks_of(three, integers({1, 2, 3}), integers({5, 6, 7}))) ==
          "`a` = 1 AND `b` = 2 AND `c` > 3\n"
          "`a` = 1 AND `b` > 2\n"
          "`a` > 1 AND `a` < 5\n"
          "`a` = 5 AND `b` < 6\n"
          "`a` = 5 AND `b` = 6 AND `c` <= 7\n");
}

TEST_CASE("columns that both ends share are equalities") {
    CHECK(joined(seeks_of(three, integers({1, 2, 3}), integers({1, 2, 9}))) ==
          "`a` = 1 AND `b` = 2 AND `c` > 3 AND `c` <= 9\n");
    CHECK(joined(seeks_of(three, integers({1, 2, 3}), integers({1, 4, 5}))) ==
          "`a` = 1 AND `b` = 2 AND `c` > 3\n"
          "`a` = 1 AND `b` > 2 AND `b` < 4\n"
          "`a` = 1 AND `b` = 4 AND `c` <= 5\n");
}

TEST_CASE("between neighbouring integers there is no middle to cross") {
    CHECK(joined(seeks_of(three, integers({1, 2, 3}), integers({2, 6, 7}))) ==
          "`a` = 1 AND `b` = 2 AND `c` > 3\n"
          "`a` = 1 AND `b` > 2\n"
          "`a` = 2 AND `b` < 6\n"
          "`a` = 2 AND `b` = 6 AND `c` <= 7\n");
}

TEST_CASE("a descending range is the mirror image") {
    CHECK(joined(seeks_of(three, integers({5, 6, 7}), integers({1, 2, 3}), true)) ==
          "`a` = 5 AND `b` = 6 AND `c` < 7\n"
          "`a` = 5 AND `b` < 6\n"
          "`a` < 5 AND `a` > 1\n"
          "`a` = 1 AND `b` > 2\n"
          "`a` = 1 AND `b` = 2 AND `c` >= 3\n");
}

TEST_CASE("texts that a collation may find equal guard each side with the other bound") {
    CHECK(joined(seeks_of(text_and_number, {Value::text("a"), Value::integer(3)},
                          {Value::text("A"), Value::integer(8)})) ==
          "`t` = 'a' AND `n` > 3 AND `t` <= 'A' AND (`t` < 'A' OR (`t` = 'A' AND (`n` <= 8)))\n"
          "`t` > 'a' AND `t` < 'A'\n"
          "`t` = 'A' AND `n` <= 8 AND `t` > 'a'\n");
}

TEST_CASE("a bound that includes itself starts with its own row") {
    CHECK(joined(seeks_of(one, including(integers({9})), integers({1}), true)) == "`a` <= 9 AND `a` >= 1\n");
    CHECK(joined(seeks_of(three, including(integers({1, 2, 3})), {})) ==
          "`a` = 1 AND `b` = 2 AND `c` >= 3\n`a` = 1 AND `b` > 2\n`a` > 1\n");
    CHECK(joined(seeks_of(one, including(integers({4})), integers({4}), true)) == "`a` = 4\n");
}

TEST_CASE("a bound that includes itself survives being stored") {
    const Key bound = including({Value::text("O'Brien")});
    CHECK(decode_key(encode_key(bound)) == bound);
}

TEST_CASE("a range's condition is its seeks, joined by OR") {
    CHECK(range_condition(one, {integers({1}), integers({9})}, test::plain_quote) == "(`a` > 1 AND `a` <= 9)");
    CHECK(range_condition(text_and_number, {{}, {Value::text("b"), Value::integer(8)}}, test::plain_quote) ==
          "((`t` < 'b') OR (`t` = 'b' AND `n` <= 8))");
}

TEST_CASE("names are quoted as identifiers") {
    const KeySpec odd = key_of({column("a`b", ValueType::integer)});
    CHECK(range_condition(odd, {integers({1}), {}}, test::plain_quote) == "(`a``b` > 1)");
    CHECK(order_by(odd, true) == "`a``b` DESC");
    CHECK(order_by(three, false) == "`a`, `b`, `c`");
}

TEST_CASE("a seek tells how many columns its equalities hold, and they are left out of its order") {
    std::string orders;
    for (const Seek& seek : seeks_of(three, integers({1, 2, 3}), integers({5, 6, 7})))
        orders += order_by(three, true, seek.fixed) + "\n";
    CHECK(orders == "`c` DESC\n`b` DESC, `c` DESC\n`a` DESC, `b` DESC, `c` DESC\n`b` DESC, `c` DESC\n`c` DESC\n");
    CHECK(seeks_of(three, integers({1, 2, 3}), integers({1, 2, 9})).front().fixed == 2);
    CHECK(order_by(three, false, 3) == "`a`, `b`, `c`");
}

TEST_CASE("a batch's condition is a list of its keys") {
    const auto shape = std::make_shared<Shape>(Shape{{{"t", ValueType::text}, {"n", ValueType::integer}}, 2});
    auto block = std::make_shared<Block>(shape);
    for (const char* cell : {"x", "1", "y", "2"}) block->append(cell);
    const Items items{block};
    CHECK(batch_condition(text_and_number, items, test::plain_quote) == "((`t`, `n`) IN (('x',1),('y',2)))");
    KeySpec latin1 = text_and_number;
    latin1.columns[0].collation = "latin1_swedish_ci";
    CHECK(batch_condition(latin1, items, test::plain_quote) == "((`t` = 'x' AND `n` = 1) OR (`t` = 'y' AND `n` = 2))");
    const KeySpec text = key_of({column("t", ValueType::text, "varchar")});
    CHECK(batch_condition(text, items, test::plain_quote) == "(`t` IN ('x','y'))");
    CHECK(batch_condition(text, {}, test::plain_quote) == "(1 = 0)");
}
