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

TEST_CASE("how long the rest of a stretch takes is told by how long the pages took, where both are known") {
    const auto read_one_of = [](std::uint64_t rows) {
        run::Stretch stretch{{{}, {Value::integer(900)}}, rows, 60};
        CHECK_FALSE(stretch.time_left());
        const auto began = std::chrono::steady_clock::now();
        stretch.read(60, {}, [&](const table::Range&) {
            while (std::chrono::steady_clock::now() < began + std::chrono::milliseconds{10}) {}
            engine::Page page;
            page.count = 60;
            page.upto = {Value::integer(60)};
            return page;
        });
        return stretch.time_left();
    };
    CHECK(read_one_of(600).value() >= std::chrono::milliseconds{80});  // nine times as long, but for rounding
    CHECK_FALSE(read_one_of(0));   // nobody knows how many there are
    CHECK_FALSE(read_one_of(60));  // or there are more than that
}
