#include "run/stretch.hpp"

#include <doctest/doctest.h>

using namespace rowmill;

TEST_CASE("of a stretch whose pages told of more rows than there were, some are left until its end is reached") {
    run::Stretch stretch{{{}, {Value::integer(900)}}, 100, 60};
    const auto read = [&](std::int64_t upto) {
        stretch.read(60, {}, [&](const table::Range&) {
            engine::Page page;
            page.count = 60;
            page.upto = {Value::integer(upto)};
            page.at_end = upto == 900;
            return page;
        });
    };
    read(60);
    CHECK(stretch.rows_left() == 40U);
    read(120);
    CHECK(stretch.rows_left() == 1U);
    read(900);
    CHECK(stretch.rows_left() == 0U);
}
