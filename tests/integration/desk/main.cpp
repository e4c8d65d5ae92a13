#define DOCTEST_CONFIG_IMPLEMENT
#include "process/supervise.hpp"

#include <doctest/doctest.h>

int main(int argc, char** argv) {
    rowmill::process::supervise_if_asked(argc, argv);
    return doctest::Context{argc, argv}.run();
}
