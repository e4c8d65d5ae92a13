#define DOCTEST_CONFIG_IMPLEMENT
#include "integration/process/doomed.hpp"
#include "process/supervise.hpp"

#include <doctest/doctest.h>

#include <cstring>

int main(int argc, char** argv) {
    rowmill::process::supervise_if_asked(argc, argv);
    if (argc == 2 && std::strcmp(argv[1], rowmill::test::doomed_argument) == 0) return rowmill::test::be_doomed();
    return doctest::Context{argc, argv}.run();
}
