#include "bookshop.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// A line on stderr that begins with the program's name and holds this, exit code 2, and nothing done.
void check_refused(const std::vector<std::string>& arguments, std::string_view sentence) {
    const Finished finished = run_process([&] {
        std::vector<std::string> command = arguments;
        command.insert(command.begin(), ROWMILL_BOOKSHOP);
        return command;
    }());
    INFO(finished.errors);
    CHECK(finished.how() == "exit 2");
    CHECK(finished.output == "");
    CHECK(finished.errors.starts_with("bookshop: "));
    CHECK(std::ranges::count(finished.errors, '\n') == 1);
    CHECK_MESSAGE(says(finished.errors, sentence), sentence);
}

}  // namespace

TEST_CASE("a parameter that is missing is asked for by its name and type") {
    check_refused({"some"}, "from_id (integer) is missing");
}

TEST_CASE("a parameter of another type is refused with what it must be") {
    check_refused({"some", "six"}, "from_id must be an integer, not 'six'");
    check_refused({"some", "6", "--most", "much"}, "most must be a number, not 'much'");
    check_refused({"some", "6", "--force=perhaps"}, "force must be true or false, not 'perhaps'");
}

TEST_CASE("a parameter out of its bounds is refused with them") {
    check_refused({"some", "0"}, "from_id must be 1 or more, not '0'");
}

TEST_CASE("a parameter that is none of its choices is refused with them") {
    check_refused({"some", "6", "big"}, "size must be \"all\" or \"none\", not 'big'");
}

TEST_CASE("a parameter that is given by its place and by its name is refused") {
    check_refused({"some", "6", "--from-id", "7"}, "from_id is given twice");
    check_refused({"some", "6", "all", "2.5", "true", "--force"}, "force is given twice");
}

TEST_CASE("an argument too many is refused") {
    check_refused({"some", "6", "all", "2.5", "true", "k", "more"}, "more is one argument too many");
}

TEST_CASE("an unknown flag is refused with the nearest known one") {
    check_refused({"some", "6", "--sise", "all"}, "there is no flag --sise; did you mean --size?");
}

TEST_CASE("an unknown command is refused with the nearest job, or with all there are") {
    check_refused({"sume"}, "there is no command sume; did you mean some? (see bookshop --help)");
    check_refused({"plan", "sume"}, "there is no command sume; did you mean some? (see bookshop plan --help)");
    check_refused({"backwards"}, "titles, some");
}

TEST_CASE("parameters are taken in their order, by name with underscores or dashes, and from their defaults") {
    Bookshop shop{9};
    CHECK(shop.run({"some", "8"}).succeeded());
    CHECK(shop.scalar("SELECT GROUP_CONCAT(DISTINCT what) FROM done WHERE id IN (8, 9)") == "all");
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "2");
    CHECK(shop.run({"some", "--from_id", "9", "--size=none"}).succeeded());
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "2");
    CHECK(shop.run({"some", "--force", "--from-id=9"}).succeeded());
    CHECK(shop.scalar("SELECT what FROM done ORDER BY n DESC LIMIT 1") == "forced all");
}

TEST_CASE("a parameter that may be left out is NULL in the filter, and a number where it is given") {
    Bookshop shop{9};
    shop.execute("UPDATE books SET price = id");
    CHECK(shop.run({"some", "1", "all", "2.5"}).succeeded());
    CHECK(shop.scalar("SELECT COUNT(*) FROM done") == "2");
}

TEST_CASE("a secret parameter is shown nowhere") {
    Bookshop shop{3};
    const Finished finished = shop.run({"some", "1", "--key", "open-sesame"});
    CHECK(finished.succeeded());
    CHECK_FALSE(says(finished.errors, "open-sesame"));
    CHECK_FALSE(says(shop.run({"status", "--json"}).output, "open-sesame"));
    const std::string store = shop.store_name();
    CHECK(shop.scalar("SELECT COUNT(*) FROM `" + store +
                      "`.runs WHERE CONCAT_WS(' ', params, definition, fingerprint)"
                      " LIKE '%sesame%'") == "0");
}

TEST_CASE("the help of a job names its parameters with their types and what they are by themselves") {
    const Finished finished = run_process({ROWMILL_BOOKSHOP, "some", "--help"});
    CHECK(finished.succeeded());
    CHECK(says(finished.output, "from_id"));
    CHECK(says(finished.output, "all|none"));
    CHECK(says(finished.output, "Which ones (all)"));
    CHECK(says(finished.output, "--concurrency"));
}

TEST_CASE("an App has rowmill's own commands beside its jobs") {
    Bookshop shop{3};
    CHECK(shop.run({"init"}).succeeded());
    CHECK(shop.run({"titles"}).succeeded());
    CHECK(says(shop.run({"status"}).output, "titles: succeeded"));
    CHECK(says(shop.run({"plan", "some", "2"}).output, "id >= 2"));
    CHECK(says(shop.run({"doctor"}).output, "ok"));
}
