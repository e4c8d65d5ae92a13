#include "action/warnings.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using action::judge_warnings;

namespace {

const std::vector<db::Warning> truncation{{"Note", 1105, "unknown"},
                                          {"Warning", 1265, "Data truncated for column 'a' at row 2"}};
const std::vector<db::Warning> harmless{{"Note", 1003, "a note"}};

std::string kind_thrown(const std::vector<db::Warning>& seen, unsigned given, bool fail_on_loss) {
    try {
        judge_warnings(seen, given, fail_on_loss);
    } catch (const Error& error) {
        return std::string{name_of(error.kind())};
    }
    return "none";
}

}  // namespace

TEST_CASE("a warning that tells of lost data is the row's fault") {
    CHECK(kind_thrown(truncation, 2, true) == name_of(ErrorKind::row));
    CHECK(kind_thrown(truncation, 2, false) == "none");
}

TEST_CASE("the fault names the warning") {
    try {
        judge_warnings(truncation, 2, true);
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.server_code == 1265);
        CHECK(std::string{error.what()}.find("Data truncated for column 'a'") != std::string::npos);
    }
}

TEST_CASE("harmless warnings pass") {
    CHECK(kind_thrown(harmless, 1, true) == "none");
}

TEST_CASE("a note of a truncation passes: a decimal that is rounded to its column's scale is what was asked for") {
    CHECK(kind_thrown({{"Note", 1265, "Data truncated for column 'total' at row 1"}}, 1, true) == "none");
}

TEST_CASE("warnings that the server does not show may tell of lost data") {
    CHECK(kind_thrown(harmless, 2, true) == name_of(ErrorKind::row));
    CHECK(kind_thrown(harmless, 2, false) == "none");
}

TEST_CASE("the range optimizer out of memory stops the run, even where warnings are allowed") {
    const std::vector<db::Warning> memory{{"Warning", 3170, "Memory capacity of 8388608 bytes exceeded"}};
    CHECK(kind_thrown(memory, 1, true) == name_of(ErrorKind::fatal));
    CHECK(kind_thrown(memory, 1, false) == name_of(ErrorKind::fatal));
}
