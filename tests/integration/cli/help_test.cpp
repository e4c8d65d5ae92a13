#include "support/process.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

using namespace rowmill::test;

TEST_CASE("rowmill alone explains itself on stderr, and --help on stdout") {
    const Finished alone = run_rowmill({});
    CHECK(alone.how() == "exit 2");
    CHECK(alone.output == "");
    const Finished asked = run_rowmill({"--help"});
    CHECK(asked.how() == "exit 0");
    CHECK(asked.errors == "");
    CHECK(asked.output == alone.errors);
    for (const std::string part : {"without losing or repeating work", "rowmill run --table books", "run ", "plan ",
                                   "status ", "failures ", "init ", "doctor ", "Exit codes"})
        CHECK_MESSAGE(says(asked.output, part), part);
    for (const std::string code : {"  0   ", "  1   ", "  2   ", "  3   ", "  4   ", "  5   ", "  69  ", "  75  "})
        CHECK_MESSAGE(says(asked.output, code), code);
}

TEST_CASE("--version tells the version") {
    const Finished version = run_rowmill({"--version"});
    CHECK(version.how() == "exit 0");
    CHECK(version.output == "rowmill 0.1.0\n");
}

TEST_CASE("each command explains itself with --help, and -h is the host") {
    for (const std::string command : {"run", "plan", "status", "failures", "retry", "pause", "resume", "cancel", "set", "serve", "init", "doctor"}) {
        CAPTURE(command);
        const Finished help = run_rowmill({command, "--help"});
        CHECK(help.how() == "exit 0");
        CHECK(says(help.output, "Usage: rowmill " + command));
        CHECK(says(help.output, "-h,--host"));
        CHECK(says(help.output, "--store-schema"));
        std::size_t longest = 0;
        for (std::size_t at = 0; at < help.output.size();) {
            const std::size_t end = help.output.find('\n', at);
            longest = std::max(longest, end - at);
            at = end + 1;
        }
        CHECK(longest <= 120);
    }
}

TEST_CASE("the help of run names every placeholder, every key of [run] and an example") {
    const Finished help = run_rowmill({"run", "--help"});
    for (const std::string part : {":id",
                                   ":batch",
                                   ":range",
                                   ":ids",
                                   ":lo",
                                   ":hi",
                                   ":filter",
                                   "--param",
                                   "--dry-run",
                                   "--restart",
                                   "--accept-changes",
                                   "--limit",
                                   "--progress",
                                   "--summary",
                                   "--log-file",
                                   "--workers",
                                   "--batch",
                                   "--target-time",
                                   "--rate",
                                   "--max-attempts",
                                   "--backoff",
                                   "--max-failures",
                                   "--sack-rows",
                                   "--reconnect-for",
                                   "Example"})
        CHECK_MESSAGE(says(help.output, part), part);
}
