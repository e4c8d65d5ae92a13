// Sends bytes to a site and aborts where it answers them wrongly, or does what they ask for: what is in the files that are named, or
// what comes on stdin. For a fuzzer: afl-fuzz -i tests/fuzz/requests -o build/found -- build/release/fuzz-site @@
#include "fuzz/site_target.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

int main(int count, char** arguments) {
    rowmill::test::SiteTarget target;
    const auto try_all = [&](std::istream& input, const char* name) {
        const std::string bytes{std::istreambuf_iterator<char>{input}, {}};
        const std::string problem = target.try_bytes(bytes);
        if (problem.empty() && target.asked().empty()) return;
        std::fprintf(stderr, "%s: %s\n", name, problem.empty() ? "it did what was asked" : problem.c_str());
        std::abort();
    };
    for (int i = 1; i < count; ++i) {
        std::ifstream file{arguments[i], std::ios::binary};
        try_all(file, arguments[i]);
    }
    if (count == 1) try_all(std::cin, "stdin");
}
