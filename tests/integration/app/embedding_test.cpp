#include "bookshop.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// What the program of tests/integration/app/embedding saw.
std::string scene(const Bookshop& shop, const std::string& name) {
    const Finished finished = run_process({ROWMILL_EMBEDDING, name, shop.store_name()}, shop.options());
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    return "\n" + finished.output;
}

/// Claims that the program saw all these, each a line, and that so many books were done.
void check_scene(Bookshop& shop, const std::string& name, std::initializer_list<const char*> facts, const std::string& done) {
    const std::string seen = scene(shop, name);
    CAPTURE(seen);
    for (const std::string fact : facts) {
        CAPTURE(fact);
        CHECK(says(seen, "\n" + fact + "\n"));
    }
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == done);
}

}  // namespace

TEST_CASE("a program follows a run that it has begun, and each of its subscribers gets the end, the slow one too") {
    Bookshop shop{60};
    check_scene(shop, "watch",
                {"exit 0", "state succeeded", "settled 60", "percent 100", "slow-settled 60", "slow-missed-some 1", "went-back 0",
                 "late-state succeeded", "progress-state succeeded"},
                "60");
}

TEST_CASE("a subscription that has ended is not called any more, and its run goes on") {
    Bookshop shop{60};
    check_scene(shop, "leave", {"exit 0", "calls-after 0"}, "60");
}

TEST_CASE("a run that its program has stopped tells its end as interrupted, and is resumed by the next start") {
    Bookshop shop{800};  // so many that it is not over before it is stopped, on a busy machine either
    check_scene(shop, "stop", {"exit 4\nstate interrupted\nis-partial 1\nsame-run 1\nexit 0\nsettled 800"}, "800");
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done") == "800");
}

TEST_CASE("when the last handle goes the run stops in good order, and can be resumed by the command line") {
    Bookshop shop{2000};
    const std::string seen = scene(shop, "drop");
    CAPTURE(seen);
    CHECK(says(seen, "\ndropped 1\n"));
    CHECK(shop.status().at("state") == "interrupted");
    CHECK(shop.status().at("in_flight") == 0);
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == std::to_string(shop.status().at("settled").as_int64()));
}

TEST_CASE("runs go on beside each other, and when their app is gone") {
    Bookshop shop{20};
    const std::string seen = scene(shop, "outlive");
    CAPTURE(seen);
    CHECK(says(seen, "\nexit 0\nexit 3\ndead-letters 5\n"));
}

TEST_CASE("what is found before the first row is thrown by start, in a sentence that says what to do") {
    Bookshop shop{400};
    const std::string seen = scene(shop, "refuse");
    CAPTURE(seen);
    CHECK(says(seen, "\njob embedding has no job none\n"));
    CHECK(says(seen, "\nunknown embedding titles has no parameter mss\n"));
    CHECK(says(seen, "\ntype ms"));
    CHECK(says(seen, "\nsetting "));
    CHECK(says(seen, "concurency"));
    CHECK(says(seen, "\nserver "));
    CHECK(says(seen, "\nbusy "));
    CHECK_FALSE(says(seen, "was begun"));
}

TEST_CASE("a job that is done once is not begun again, and that is no error") {
    Bookshop shop{5};
    const std::string seen = scene(shop, "once");
    CAPTURE(seen);
    CHECK(says(seen, "\nexit 0\nexit 0\nid 0\nstate succeeded\n"));
}
